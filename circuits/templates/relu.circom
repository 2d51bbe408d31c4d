// Rectified linear unit with rounding and rescale, all in one decomposition.
//
// The caller has set the sum of the bits equal to z + 2^(s-1) + 2^(n-1) (without 2^(s-1) when s is 0), where z is the
// number before the activation, and z + 2^(s-1) is in [-2^(n-1), 2^(n-1)) by interval analysis. So bit n-1 is 1 unless
// the rounded number is negative, the s lowest bits are what rounding half up drops, and the rest is the answer:
//     out = max(0, floor((z + 2^(s-1)) / 2^s))
// There is one encoding of zero and one rounding, hence one witness.
pragma circom 2.2.0;

include "bits.circom";

// bits[n]: hinted bits, lowest first, made boolean here. s: bits that are dropped, fewer than n - 1.
// Cost: n + 1, and the caller's linear row.
template Relu(n, s) {
    assert(n <= 252);
    assert(s < n - 1);
    signal input bits[n];
    signal output out;

    Booleans(n)(bits);
    var magnitude = 0;
    for (var k = s; k < n - 1; k++) {
        magnitude += bits[k] * 2 ** (k - s);
    }
    out <== bits[n - 1] * magnitude;
}
