// What ties a proof to its job.
//
// Public signals are the binding (job, version, worker, chain and market in one 248-bit number) and the words, which
// hold the packed input and output, 248 bits each. The bits of the input are the only ones the caller hints from the
// words; every other bit of a word is put there by the circuit, so padding is zero by construction.
pragma circom 2.2.0;

// A public signal that no quadratic row mentions could be exchanged in a finished proof, so the binding gets one.
// Cost: 1.
template Binding() {
    signal input in;
    signal output square;
    square <== in * in;
}
