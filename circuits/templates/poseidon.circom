// The Poseidon permutation with x^5 over the field of BN254 (https://eprint.iacr.org/2019/458), and the bits of a hash.
//
// Linear layers are variables: the template names the element that enters each S-box, and its powers. The partial
// rounds are those of the paper in another order of arithmetic: the elements that skip the S-box are not multiplied by
// the matrix in each round, but once at the end, and the weights that they meet before that are chosen accordingly. The
// functions of the emitted source give these weights; with M = [[m, v], [w, S]] they are ROWS[k] = v S^k,
// COLUMNS[k] = S^-(k + 1) w and LAST = S^p.
pragma circom 2.2.0;

// t: elements of the state. p: partial rounds. capacity: the first element of the first state.
// out: the first element of the last state.
// Cost: 31 t + 3 p - 2.
template Poseidon(t, p, capacity, FULL, PARTIAL, M, ROWS, COLUMNS, LAST) {
    signal input in[t - 1];
    signal output out;
    signal output state[7 * t + p];
    signal output square[8 * t - 1 + p];
    signal output fourth[8 * t - 1 + p];
    signal output fifth[8 * t - 1];

    var s = 0;  // states named so far
    var b = 0;  // S-boxes so far
    var f = 0;  // S-boxes of full rounds so far
    var x;
    var y[t];

    y[0] = (capacity + FULL[0][0]) ** 5;
    for (var j = 1; j < t; j++) {
        x = in[j - 1] + FULL[0][j];
        square[b] <== x * x;
        fourth[b] <== square[b] * square[b];
        fifth[f] <== fourth[b] * x;
        y[j] = fifth[f];
        b++;
        f++;
    }

    for (var r = 1; r < 8; r++) {
        if (r == 4) {
            var head = PARTIAL[0];
            for (var j = 0; j < t; j++) { head += M[0][j] * y[j]; }
            state[s] <== head;
            s++;
            var u[t];
            for (var i = 1; i < t; i++) {
                u[i] = 0;
                for (var j = 0; j < t; j++) { u[i] += M[i][j] * y[j]; }
            }
            for (var k = 0; k < p; k++) {
                square[b] <== state[s - 1] * state[s - 1];
                fourth[b] <== square[b] * square[b];
                var rest = PARTIAL[k + 1];
                for (var j = 1; j < t; j++) { rest += ROWS[k][j - 1] * u[j]; }
                state[s] <== M[0][0] * fourth[b] * state[s - 1] + rest;
                x = (state[s] - rest) / M[0][0];
                for (var j = 1; j < t; j++) { u[j] += COLUMNS[k][j - 1] * x; }
                b++;
                s++;
            }
            for (var i = 1; i < t; i++) {
                x = FULL[4][i];
                for (var j = 1; j < t; j++) { x += LAST[i - 1][j - 1] * u[j]; }
                state[s] <== x;
                s++;
            }
        } else {
            for (var i = 0; i < t; i++) {
                x = FULL[r][i];
                for (var j = 0; j < t; j++) { x += M[i][j] * y[j]; }
                state[s] <== x;
                s++;
            }
        }
        for (var i = 0; i < t; i++) {
            x = state[s - t + i];
            square[b] <== x * x;
            fourth[b] <== square[b] * square[b];
            fifth[f] <== fourth[b] * x;
            y[i] = fifth[f];
            b++;
            f++;
        }
    }

    x = 0;
    for (var j = 0; j < t; j++) { x += M[0][j] * y[j]; }
    out <== x;
}

// bits[n]: hinted bits of a field element. gap[m]: hinted bits of how far its m highest bits stay below those of the
// field's order; the caller has set both sums.
// Cost: n + m, and the caller's two linear rows.
template ElementBits(n, m) {
    signal input bits[n];
    signal input gap[m];
    for (var k = 0; k < n; k++) { bits[k] * bits[k] === bits[k]; }
    for (var k = 0; k < m; k++) { gap[k] * gap[k] === gap[k]; }
}
