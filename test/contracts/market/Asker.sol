// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInferenceMarket} from "../../../contracts/interfaces/IInferenceMarket.sol";
import {Job, Request} from "../../../contracts/types/Job.sol";

/// @dev Asks for many inferences in one block, and looks at many draws in one call.
contract Asker {
    function ask(IInferenceMarket market, Request calldata req, uint256 times) external payable {
        market.deposit{value: msg.value}(address(this), msg.value);
        for (uint256 i = 0; i < times; ++i) market.request(req, hex"03");
    }

    /// @return ids Who has priority now, by job; 0 for nobody.
    function drawn(IInferenceMarket market, Job[] calldata jobs) external view returns (uint24[] memory ids) {
        ids = new uint24[](jobs.length);
        for (uint256 i = 0; i < jobs.length; ++i) (ids[i], ) = market.drawnWorker(jobs[i]);
    }
}
