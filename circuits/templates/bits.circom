// Bits of a number.
//
// The compiler never names a linear sum as a signal. It writes the sum, lets the prover hint its bits, sets the sum
// of the bits equal to it (one linear row, dense but only in matrix C) and then calls a template that takes the bits.
// Together with Booleans this proves 0 <= sum < 2^n, uniquely so because n is far below the 254 bits of the field.
pragma circom 2.2.0;

// in[n]: hinted bits, lowest first, unconstrained so far.
// Cost: n.
template Booleans(n) {
    assert(n <= 252);
    signal input in[n];
    for (var k = 0; k < n; k++) {
        in[k] * in[k] === in[k];
    }
}
