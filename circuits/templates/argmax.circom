// Position of the largest of several numbers, the first one of equals, without sorting and without comparators.
//
// The prover hints one winner, the largest number m, and for each class i the bits of its gap. The caller sets
//     gap[i] = m - z[i] - (1 if a later class wins)
// With exactly one winner whose gap is 0, m is the winner's number; no gap is negative, because its bits say so, hence
// no number is larger, and one before the winner is strictly smaller. Nobody but the first of the largest can win.
pragma circom 2.2.0;

include "bits.circom";

// in[count]: hinted, 1 for the winner and 0 for the others.
// Cost: count + 1.
template OneHot(count) {
    signal input in[count];
    Booleans(count)(in);
    var sum = 0;
    for (var i = 0; i < count; i++) {
        sum += in[i];
    }
    sum === 1;
}

// winner: whether this class wins. bits[n]: hinted bits of its gap, lowest first.
// Cost: n + 1, and the caller's linear row.
template Gap(n) {
    assert(n > 0 && n <= 252);
    signal input winner;
    signal input bits[n];

    Booleans(n)(bits);
    var gap = 0;
    for (var k = 0; k < n; k++) {
        gap += bits[k] * 2 ** k;
    }
    winner * gap === 0;
}
