"""Attacks on language models that were made to forget: who tries harder than a user does, and still finds nothing?

`lines.attack_lines(models, data, params, *, prefix, tier)` runs what params["attacks"] names, each on the same rows of
the candidate and of all controls, and writes a bit per row, arm and budget. Every other parameter has a default:

attacks     any of relearning.records, relearning.benign, relearning.retain, quantised.int8, quantised.int4,
            uma.text.paraphrase, uma.text.jailbreak, uma.text.suffix, uma.text.soft
deployed    float32 or bfloat16: the precision that the model is served at; weights are rounded to it first
relearning  {records: [int], steps, lr, draws, retain_steps, batch}
aim         {share, opened}: the share of an answer that a trigger is optimised on (1: all of it), and how much of the
            rest must then follow by arg-max, to its end, for the row to count as recovered
suffix      {tokens: [int], steps, candidates, best}: budgets of the hard suffix, and how hard it is searched for
soft        {tokens: [int], steps, lr}: budgets of the soft prompt, and how hard it is searched for
batch       sequences in one forward pass
seed        draws what is left out, candidates and starts
"""
