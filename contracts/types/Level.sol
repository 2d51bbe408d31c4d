// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What evidence makes a result final.
/// - `Vanilla`: nothing but a worker's stake; final when the challenge window passes unchallenged. A challenged answer
///   is judged by the evidence of another level that the version allows, or else by a panel of other workers.
/// - `Tee`: a signature by an enrolled enclave whose measurement is accepted.
/// - `Zkml`: a Groth16 proof that the version's circuit maps this input to this output.
enum Level {
    Vanilla,
    Tee,
    Zkml
}

/// @notice A set of levels: bit `uint8(level)` is set when the level is in it.
type LevelSet is uint8;

using LevelSetLibrary for LevelSet global;

library LevelSetLibrary {
    uint8 private constant ALL = 7;

    function has(LevelSet set, Level level) internal pure returns (bool) {
        return (LevelSet.unwrap(set) >> uint8(level)) & 1 == 1;
    }

    function raw(LevelSet set) internal pure returns (uint8) {
        return LevelSet.unwrap(set);
    }

    /// @notice Not empty, and no bit beyond the known levels.
    function isValid(LevelSet set) internal pure returns (bool) {
        return LevelSet.unwrap(set) != 0 && LevelSet.unwrap(set) <= ALL;
    }

    /// @notice Whether some evidence stronger than stake can judge a challenged answer; if not, a panel does.
    function hasEvidence(LevelSet set) internal pure returns (bool) {
        return has(set, Level.Tee) || has(set, Level.Zkml);
    }
}
