"""The words in names of metrics, by what they say; `directions` reads whole names with them."""

from __future__ import annotations

from typing import Final


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Measures that are better high.  A word for a cost before them makes them unclear, as in latency_top1.
GOOD_MEASURES: Final = _set("""
    acc accs accuracies accuracy accurate ap auc aucpr auprc auroc availability bertscore biou bleu chrf cider ciou
    clipscore comet corr correct correctness correlation dice dsc elbo elo em explained_variance f1 faithfulness fbeta
    fmeasure fscore gauc giou hit hits hota idf1 iou jaccard kappa kendall likelihood llh loglik loglikelihood logp
    logprob logprobs map mcc meteor miou mos mota mrr msssim ndcg npv passed pauc pearson pesq ppv pq precision psnr
    quality r2 recall reliability reward robustness roc rouge rougel rsquared sacrebleu sdr sensitivity similarity
    sisdr snr solve solved spearman specificity spice ssim stoi success successes tnr tpr uptime vmaf win winrate wins
""")
LIKELIHOODS: Final = _set("likelihood llh loglik loglikelihood logp logprob logprobs")
# Nouns that make something good of the words before them: memory_bandwidth, energy_efficiency.
GOOD_HEADS: Final = _set("""
    attainment bandwidth bw efficiency fps gbps goodput hfu iops ips mbps mfu qps rps rtfx throughput throughputs tps
    tput wpm
""")
GAINS: Final = _set("gain gains improvement improvements profit revenue saved saving savings speedup speedups")
HINTS: Final = _set("speed")  # in a unit of time, lower is better
# Benchmarks whose score is a share of right answers.
BENCHMARKS: Final = _set("arc boolq gsm8k hellaswag humaneval mbpp mmlu piqa truthfulqa winogrande")

ERRORS: Final = _set("err error errors errs loss losses")
OPERATIONS: Final = _set("""
    bops flop flops gbops gflop gflops gmac gmacs gmadds mac macs madd madds mflop mflops mmac mmacs tmacs
""")
PARAMETERS: Final = _set("nparams param parameter parameters params")
BAD: Final = (
    ERRORS
    | OPERATIONS
    | _set("""
    activations aic bce ber bic bpb bpc bpd bpw brier carbon ce cer co2 co2e co2eq consumed consumption cost costs
    crash crashes crossentropy crps defects degradation delay der deviance divergence downtime dropped drops duration
    durations e2el ece eer elapsed emission emissions energy epochs fad failed fails failure failures fdr fee fees fid
    fnr footprint fpr frr fvd gap hallucination hallucinations hter inaccuracy incorrect itl jitter joule joules kid kl
    kld lag latencies latency logloss lpips macts mae mape mase medae mem memory misclassification misclassified miss
    misses mistakes mpe mpjpe mse msle niqe nll nmse nrmse outages overhead penalty perplexities perplexity ping power
    ppl price prices pue ram regret rejected rmse rmsle rss rtf rtt runtime runtimes shortfall slowdown smape stall
    stalls tbt ter time timeouts times toxicity tpot ttfb ttft ttlt violation violations vram walltime wape waste wer
    wmape wrong wue
""")
)
FALLS: Final = _set("decline decrease decreased drop fall reduced reduction reductions")  # turn what they are said of
NEGATIONS: Final = _set("inv inverse minus neg negative reciprocal")

# Words that make a setting, a limit, a spread, a label or a difference of what they stand beside.
SPREADS: Final = _set("sd se sem std stddev stderr stdev")
UNCLEAR: Final = SPREADS | _set("""
    ack allowed alpha available begin beta bit bits budget cap capacity change ci clock code coef coeff coefficient
    criterion date deadline delta depth diff difference end fn free freq frequency function ghz height horizon id idx
    index interval iqr kind lambda length limit message method mhz mode name no not occupancy period policy quota rank
    ranking requested scale schedule seed setting sla slo spread stamp start state status strategy target temperature
    thr thresh threshold timeout timestamp timestamps timestep timesteps tradeoff type util utilisation utilization var
    variance version weight weights width window zone
""")

# What work is counted in: no metric by itself, but good per second and costly per item.
WORK_MANY: Final = _set("""
    answers batches calls characters chars clips docs documents episodes examples frames gops images imgs inf
    inferences items iterations iters its jobs operations ops pages points predictions problems queries records reqs
    requests rows samples sentences seqs sequences steps tasks tflops tokens toks tops transactions updates users
    videos words
""")
WORK: Final = WORK_MANY | _set("""
    answer batch call char character clip doc document episode example frame im image img infer inference it item iter
    iteration job op operation page point prediction problem query record req request row sample sentence seq sequence
    step t task tok token transaction update user video word
""")
JUDGED: Final = _set("correct dropped failed incorrect misclassified passed rejected solved wrong")  # said of each item
PERFORMANCE: Final = _set("perf performance score speed")  # good per watt

SIZES: Final = _set("""
    apk app archive artifact binary checkpoint ckpt compressed disk download engine file gguf model net network onnx
    package quantized storage tflite weight weights
""")  # their size is a cost
SETTINGS: Final = _set("""
    batch block buffer cache chunk codebook crop data dataset embedding grid hidden image img input kernel page patch
    population sample step vocab vocabulary window
""")  # and theirs a setting
# Words that leave the meaning as it is.
NEUTRAL: Final = _set("""
    active all average avg b backward best billion billions bs count cpu decode device e2e eval evaluation final first
    forward g gen generate gpu host infer inference k last m max mean measured median metric metrics million millions
    min mm model n net npu num number overall p pct peak percent percentage prefill pro prompt rate ratio run runs
    score shot sum test thousand total tpu train trainable training used val valid validation value wall warm
""")
MULTIPLES: Final = _set("k m million thousand")
CONTINUING: Final = _set("as at for from in of on to under with")  # what follows tells more, if it is needed
CLOSING: Final = _set("after before by between during given over since than until versus vs without")

UNITS: Final = {
    unit: kind
    for kind, units in {
        "time": "s sec secs second seconds ms msec msecs millis millisecond milliseconds us usec usecs microsecond"
        " microseconds ns nsec nanosecond nanoseconds mins minute minutes h hr hrs hour hours day days",
        "energy": "j kj mj uj joule joules wh kwh mwh",
        "power": "w kw mw watt watts",
        "money": "usd eur gbp jpy cny dollar dollars euro euros cent cents",
        "data": "byte bytes kb mb gb tb kib mib gib tib",
        "gas": "kgco2 kgco2e kgco2eq gco2 gco2e gco2eq",
    }.items()
    for unit in units.split()
}
SHORT_UNITS: Final = _set("h j s us w")  # also the ends of other words: AP_s, image_h, accuracy_us

# What several words say together, as one word that says the same; "" where they say nothing.
PHRASES: Final = {
    tuple(phrase.split()): word
    for word, phrases in {
        "accuracy": "area under|d2 absolute error|d2 pinball|d2 tweedie|exact match|f beta|f measure|f score"
        "|jaccard index|negative predictive value|pass at|pass rate|positive predictive value|true negative"
        "|true negatives|true positive|true positives",
        "bandwidth": "flops utilisation|flops utilization|frame rate|inference rate|token rate",
        "error": "bit error|bits / byte|bits / char|bits / dim|bits per byte|bits per char|bits per character"
        "|bits per dim|bits per param|bits per weight|chamfer distance|cross entropy|edit distance|false alarm"
        "|false alarms|false discovery|false neg|false negative|false negatives|false pos|false positive"
        "|false positives|frechet distance|hausdorff distance|levenshtein distance|mult adds"
        "|power usage effectiveness|real time factor|wasserstein distance|water usage effectiveness",
        "complement": "one minus",
        "explained_variance": "explained variance",
        "loglikelihood": "log likelihood|log prob|log probability|log probs",
        "r2": "r 2|r square|r squared",
        "sd": "confidence interval|end time|error bar|error bars|learning rate|sample rate|sampling rate"
        "|standard deviation|standard error|start time|std dev|std err|std error|time stamp|time step|time steps"
        "|time zone",
        "snr": "signal to noise",
        "speedup": "speed up",
        "time": "cold start|real time|start up|wall clock",
        "": "end to end|error correction|ms marco|one shot|power law|time series",
    }.items()
    for phrase in phrases.split("|")
}
