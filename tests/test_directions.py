"""What names say about directions, the warning of a role against them, and the roles that they suggest."""

from __future__ import annotations

import shlex
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import paretoscope as ps
from helpers import measure, wide
from paretoscope import Measurements
from paretoscope.cli import main
from paretoscope.errors import DataError, DirectionWarning, OptionError, speaking_flags, typed_again
from paretoscope.measurements.directions import usual_direction
from paretoscope.measurements.proposals import MOST

HIGHER = """
HellaSwag (10-shot); TruthfulQA (0-shot)
accuracy; Accuracy; acc; top1; top5; Top-1; top-5; top 1; Top-1 Acc. (%); acc@1; Acc@5 (%); f1; F1-score
F-score; F-measure; auc; AUROC; ROC AUC; roc_auc; mAP; mAP50; metrics/mAP50-95(B); mIoU; box_map; bleu; BLEU-4
sacreBLEU; rougeL; ROUGE-L; rouge1; r2; R^2; R²; r_squared; PSNR (dB); ssim; ms_ssim; MS-SSIM; dice; precision
recall; Recall@10; recall_at_5; throughput; Throughput (img/s); fps; FPS; qps; tokens/s; tok/s; t/s
samples_per_sec; samples_per_second; items/s; it/s; images_per_second; img/s; imagesPerSec; speedup; Speed-up
win rate; win_rate; elo; Arena Elo; acc_norm; acc_norm,none; exact_match,strict-match
exact_match,flexible-extract; log_likelihood; loglik; loglikelihood; neg_mean_squared_error
mean_test_neg_log_loss; neg_log_loss; memory_bandwidth; Memory Bandwidth (GB/s); GB/s; mb_per_s
tokens_per_joule; tokens/J; samples_per_dollar; images per $; inferences_per_second; Inferences/Second; req/s
Request throughput (req/s); Output token throughput (tok/s); output_tokens_per_second; tokens/s/GPU
infer_samples_per_sec; train_rtx3090_nhwc_samples_per_s; train_samples_per_s_any_size; time_saved
memory_savings_mb; latency_reduction; loss reduction; error_rate_reduction; latency_improvement; accuracy_gain
energy_efficiency; frame_rate; gen_tps; prompt_tps; gflops/s; GFLOPS/W; flops_per_watt; accuracy_per_param
perf_per_watt; performance/W; success_rate; hit_rate; pass@1; true_positive_rate; specificity; balanced_accuracy
top1_correct_of_50000; top1_real; top1_a; valAcc; testAccuracy; val_acc; test/acc; eval_accuracy
forward.throughput(samples/s); cosine_similarity; spearman; explained_variance; goodput; request_goodput; rtfx
FID (higher is better); Score ↑; MMLU (5-shot); ARC (25-shot); hellaswag; mmlu_score; mean_per_class_acc
per_class_accuracy; accuracy_top1; acc1; map_50; mean average precision; text_to_image_clipscore; 1-err
1 - error rate; 1/latency; mfu; steps_per_second; epochs_per_hour; correct_samples; average_precision
roc_auc_ovr; reward; episode_reward_mean; availability; train/samples_per_second; img/sec; frames per second
tokens per watt-hour; MCC; AP_S; AP_M; AP (M); zero_shot_acc; vqa accuracy; NDCG@10; MRR; accuracy (top-1)
TPR (recall); throughput_tok_s; Test Accuracy; test_accuracy_mean; cifar10_acc; ImageNet top-1
ImageNet Top-1 (%); Top1_acc; acc_val; AP50; AP@[.5:.95]; box AP; mask AP; mAP 50-95; COCO mAP; Recall@1 (%)
Precision (macro); macro_f1; F1 (weighted); weighted avg f1-score; rouge_l; ROUGE-1; BLEU score; chrF++; METEOR
COMET; CIDEr; SPICE; BERTScore F1; PSNR; PSNR [dB]; SSIM; IoU; mean IoU; Dice; DSC; Jaccard; MOS; PESQ; STOI
SI-SDR; SDR (dB); R2 score; adj_r2; pearson_r; spearman_rho; Kendall tau; Cohen's kappa; AUC-ROC; AUPRC
images/sec; Images/s; imgs/s; samples/sec; samples_per_sec_per_gpu; tok/s/user; tokens/sec; tokens_per_sec; TPS
QPS; RPS; req_per_sec; requests/min; inf/s; infer/s; steps/s; steps/sec; it_per_s; FPS (GPU); fps_mean
throughput_mean; Throughput [samples/s]; total_throughput; decode tok/s; prefill tok/s; tg128 t/s; gen t/s; MB/s
Read bandwidth (GB/s); IOPS; TFLOPS/W; GOPS/W; tokens/W; tokens/kWh; images per joule; frames/J
Energy efficiency; win%; win_rate_vs_gpt4; Arena score (Elo); ELO rating; pass@10; Pass rate; solve_rate; hit@10
Hits@1; MRR@10; nDCG@10; MAP@100; success rate (%); Score (higher is better); score↑; Speedup (x)
speedup_vs_fp32; time saved (%); Memory savings (%); Cost savings; MFU (%); reward_mean; log-likelihood; logprob
neg_rmse; neg_mae; negMeanAbsoluteError; sensitivity; TPR@1%FPR; uptime (%); goodput (req/s)
""".replace("\n", ";")
LOWER = """
error; err; loss; Loss; nll; perplexity; ppl; PPL ↓; wer; WER (%); cer; ter; mae; mse; RMSE; rmse_val; fid
FID-50k; latency; Latency (ms); latency_ms; latencyMs; ms; time; duration; ttft; Mean TTFT (ms); itl; tpot
P99 ITL (ms); memory; memory_mb; Max Memory (GB); size_mb; size; model_size; file_size_mb; size_gib; size_gib_L3
params; Params (M); Params/M; params_m; #params; num_params; param_count; n_params; Parameters; flops; FLOPs (G)
gflops; gmacs; macs; infer_gmacs; infer_macts; mmacs; cost; price; usd; train_usd; cost_usd; energy; energy_j
power; watts; joules; emissions; emissions_rate; kg_co2_emissions; co2; p50_ms; p99_latency; p50 latency; p99_ms
p99 (ms); step_time; infer_step_time; epochs; Top-1 error (%); top-1 error; top1_err; Error (top-1)
Top-1 (error); top1Error; error rate; accuracy_drop; accuracy loss; accuracy_degradation; acc_time_s
joules_per_token; J/token; ms_per_token; ms/token; ms/img; gpu_rtx4090_ms_per_img; cpu_i9_10940x_ms
cost_per_hour; costPerHour; $/1M tokens; usd_per_1m_tokens; price per 1k tokens; $/hr; val/loss; train_loss
valLoss; validation loss; eval_loss; box_loss; train/box_loss; loss_iou; loss_dice; cross_entropy; log_loss
logloss; negative log-likelihood; neg_log_likelihood; 1-acc; 1 - accuracy; one_minus_f1; time_to_first_token_ms
Time to first token; time to accuracy; time_per_output_token; latency_per_token; per_token_latency; per_token_ms
s/it; word_perplexity; perplexity,none; bits_per_byte; bits_per_weight; word error rate; failure_rate; failed
failed_requests; Failed requests; false_positive_rate; fpr; fnr; FPR@TPR95; eer; ece; brier_score; kl_divergence
kld; lpips; mean_absolute_error; root mean squared error; mape; smape; max_error; latency (s)
forward.latency(s); forward.max_memory_used(MB); peak_rss_mb; VRAM (GB); ram_used_gb; energy_consumed
water_consumed; cpu_power; gpu_energy; ram_power; pue; wue; elapsed; elapsed_time; wall_time; wall clock
real_time; runtime; Runtime (s); time_total_s; time_this_iter_s; inference time [ms]; Inference Time (µs)
avg_ns; mean_ms; mean_s; total_s; gpu_hours; train_hours; hours; toxicity; hallucination rate
number of parameters; number of errors; errors/1k requests; energy_per_inference; cost/query; latency/ms
memory footprint; peak memory; gpu_mem; Speed (ms); Speed CPU ONNX (ms); throughput_cost; drop in accuracy; rtf
real_time_factor; itl_ms; cpu_ms; err_pct; WER@test-clean; latency_ms@pixel6; cold_start_ms; load_time
queue_delay; jitter; overhead; latency_increase; MB/token; model_n_params; download_size
score (lower is better); metric_x, ms; latency (p99, ms); cost_cents; kWh; energy (Wh); carbon (kgCO2e); bpc
CO2eq; edit_distance; missed detections miss rate; Recall time (s); accuracy_time; negative_likelihood_ratio
loss_val; mse_loss; MedAE; step time (s); time/s; Params. (M); Top-1 err; top-1 err. (%); top5_error_rate
Test error (%); test_loss; eval/loss; train/epoch_loss; Loss (val); CE loss; MSE; test_mse; RMSE (m); MAPE (%)
mean_abs_error; PPL; Perplexity ↓; wikitext_ppl; wikitext2 perplexity; WER; WER (clean); wer%; CER (%); EER (%)
FID↓; FID (↓); fid50k_full; KID; LPIPS; NLL; bpd; bits/dim; bits/byte; ECE (%); Brier; hausdorff_distance
Latency; Latency [ms]; Latency (ms/img); lat_ms; avg_latency; latencyP99; p95LatencyMs; Latency p90 (ms); TTFT
TTFT p50 (ms); TPOT (ms); ITL; E2EL; Inference time; inference_time_ms; infer_time; time_ms; Time (s); Time [s]
Time (min); Time (h); train_time; training_time_h; Training hours; GPU-hours; GPU hours; wall_time_s; elapsed_s
elapsed (s); s/img; sec/iter; s/step; ms/step; ms/image; us/token; seconds_per_image; time_per_image
time per epoch; time_per_step_ms; step_ms; Memory; Mem (GB); Memory (MiB); GPU memory (GB); max_mem_mb
peak_mem_gb; Peak RAM; RAM (MB); VRAM; RSS; model size (MB); Model Size; size (MB); Size [MiB]; disk_mb
checkpoint_mb; #Params; Params; params_B; # Parameters (M); Parameters (B); n_parameters; num_parameters
trainable params; FLOPs; GFLOPs; FLOPs (B); MACs (M); GMACs; mult-adds; Cost; Cost ($); Cost/1M tokens; $/1M
$/hour; price_usd; USD/h; input price ($/1M tokens); Energy; Energy (J); Energy [mJ]; energy_mJ; J/inference
mJ/frame; Wh/query; Power; Power (W); avg_power_w; Watts; gpu_watts; CO2 (kg); kgCO2e; carbon_footprint; errors
n_errors; failure rate; failed_runs; timeouts; hallucination_rate; toxicity_score; FPR; FNR; false alarm rate
miss_rate; max_abs_err; jitter_ms; overhead (%); slowdown; accuracy drop; acc_drop; Acc. drop (%)
quantization error; reconstruction_loss; kl_div; KLD; gpu_ms; pixel6_ms; v100_ms; cpu_latency; load_time_s
startup_ms; compile_time; cold start (ms); cost_per_1k; cost per request; regret; Bytes/param; bpw
""".replace("\n", ";")
UNCLEAR = """
score; Average; mean; value; batch; batch_size; infer_batch_size; img_size; infer_img_size; seed; run; model_id
id; learning_rate; lr; depth; width; concurrency; Concurrency; n_threads; top_p; top_k; temperature; utilization
gpu_utilization_percent; cpu_utilization; memory_utilization; memory_limit_mb; latency_budget_ms; acc_stderr
acc_stderr,none; latency_std; ms_sd; stddev_ns; stddev; median; user; system; timestamp; start_time; end_time
params.model; params.seed; params.batch; params_x; config/width; tags.target; error_code; error_type
error_free_rate; accuracy_threshold; accuracy_delta; latency_diff; tokens; total_input_tokens
Total generated tokens; num_requests; num_prompts; requests; steps; iterations; training_iteration
steps_per_epoch; samples_per_gpu; tokens_per_request; batch_per_device; Client Send; Server Queue; crop_pct
interpolation; cpu_count; longitude; pid; ram_total_size; vocab_size; hidden_size; step_size; dataset_size_gb; x
y; a; weird; loss_weight; loss_scale; label; image_h; crop_w; layers; length; context_length; note; number; no
throughput (ms); latency_top1; accuracy/latency; loss/accuracy; accuracy ↑↓; latency_samples; acc_steps
neg_accuracy; drop_accuracy; kernel_size; timestep; confidence; sparsity; compression_ratio; tflops; P50; p99
request_rate; train.py; crs_x12; avg_ts; n_prompt; 1-shot; timeout_s; time limit; rank; per; loss_fn; clock_mhz
build_number; on_cloud; dropout_rate; aspect ratio; free_memory_gb; available memory; age; Name; Year; Notes
Batch; batch size; BS; image size; Input size; resolution; res; epoch; step; Seed; fold; Rank; #; index
weight_decay; dropout; momentum; warmup_steps; hidden_dim; n_layers; heads; context; ctx_len; max_tokens
n_tokens; tokens (B); training tokens; dataset size; num_samples; N; n; precision_bits; bits; bit width
groupsize; quant; gpu_util; GPU utilization (%); cpu%; occupancy; threads; workers; num_gpus; rating; total; avg
std; acc_std; lat_std; latency std (ms); ci_low; stddev_ts; created_at; updated; start; end_ts; timestamp_ms
version; cuda_version; loss_type; latency_target_ms; latency_slo_ms; SLO (ms); max_latency_allowed; memory_limit
budget ($); Acc vs latency delta; f; g; result; performance; params.lr; config.batch_size; args/seed; beta1
downloads; likes; stars; license
""".replace("\n", ";")


def listed(names):
    return [name.strip() for name in names.split(";") if name.strip()]


TABLE = {
    name: direction
    for names, direction in ((HIGHER, "higher"), (LOWER, "lower"), (UNCLEAR, None))
    for name in listed(names)
}


@pytest.mark.parametrize("direction", ["higher", "lower", None])
def test_names(direction):
    names = [name for name, expected in TABLE.items() if expected == direction]
    assert len(names) > 150
    assert {name: usual_direction(name) for name in names} == dict.fromkeys(names, direction)


@given(
    name=st.sampled_from([name for name in TABLE if not name.startswith(("1", "param"))]),
    prefix=st.sampled_from(["", "val_", "test/", "eval_", "metrics.", "train/", "Mean "]),
    suffix=st.sampled_from(["", "_mean", " (%)", " [%]", "_pct"]),
    target=st.sampled_from(["", "@v100", "@cpu-1t", "@A100 loss"]),
)
@settings(deadline=None)
def test_what_stands_around_a_name_does_not_change_what_it_says(name, prefix, suffix, target):
    assert usual_direction(f"{prefix}{name}{suffix}{target}") == TABLE[name]


@given(st.text(max_size=400), st.text(max_size=40))
@settings(deadline=None)
def test_any_text_is_read(name, unit):
    assert usual_direction(name, unit) in ("higher", "lower", None)


@pytest.mark.parametrize("name", ["of " * 5000, "(" * 9000, "/" * 9000, "per " * 5000, "1-" * 9000])
def test_long_names_are_no_names(name):
    assert usual_direction(name) is None


@pytest.mark.parametrize(
    ("name", "unit", "direction"),
    [
        ("cold", "ms", "lower"),
        ("m1", "s", "lower"),
        ("m1", "Wh", "lower"),
        ("m1", "GiB", "lower"),
        ("m1", "USD", "lower"),
        ("m1", "$", "lower"),
        ("m1", "kgCO2e", "lower"),
        ("m1", "J/token", "lower"),
        ("m1", "ms/img", "lower"),
        ("m1", "img/s", "higher"),
        ("m1", "tok/s", "higher"),
        ("m1", "FPS", "higher"),
        ("m1", "samples per second", "higher"),
        ("m1", "GB/s", "higher"),
        ("m1", "GFLOPs", "lower"),
        ("m1", "%", None),
        ("m1", "dB", None),
        ("m1", "", None),
        ("m1", "furlong", None),
        ("wer", "%", "lower"),
        ("speed", "ms", "lower"),
        ("speed", "tok/s", "higher"),
        ("performance", "img/s", "higher"),
        ("throughput", "ms", None),  # one of them is wrong
        ("time_saved", "s", "higher"),
        ("timeout", "s", None),
    ],
)
def test_units(name, unit, direction):
    assert usual_direction(name, unit) == direction


# --- a role against the name ---


@pytest.mark.parametrize(
    ("inputs", "outputs", "message"),
    [
        (
            ["ms"],
            ["Top-1 error (%)"],
            "runs: found 'Top-1 error (%)' as an output, where higher is better; its name says that lower is better; "
            "pass it among the inputs, or ignore paretoscope.errors.DirectionWarning if it is meant so",
        ),
        (
            ["ms", "top1"],
            ["score"],
            "runs: found 'top1' as an input, where lower is better; its name says that higher is better; "
            "pass it among the outputs, or ignore paretoscope.errors.DirectionWarning if it is meant so",
        ),
    ],
)
def test_a_role_against_the_name_is_said(inputs, outputs, message):
    frame = wide(score=[1.0, 2, 3, 4])
    frame["Top-1 error (%)"] = 100 - frame["top1"]
    with pytest.warns(DirectionWarning) as caught:
        measure(frame, inputs=inputs, outputs=outputs, source="runs")
    assert [str(warning.message) for warning in caught] == [message]
    assert caught[0].filename.endswith("helpers.py")


def test_a_role_against_the_unit_is_said():
    frame = pd.DataFrame(
        {"model": list("abab"), "metric": list("xxyy"), "value": [1.0, 2, 3, 4], "unit": ["ms", "ms", "tok/s", "tok/s"]}
    )
    with pytest.warns(DirectionWarning) as caught:
        measure(frame, inputs="y", outputs="x")
    assert [str(warning.message).split("; ")[1] for warning in caught] == [
        "its unit 'tok/s' says that higher is better",
        "its unit 'ms' says that lower is better",
    ]
    assert measure(frame, inputs="x", outputs="y").inputs == ("x",)


def test_read_warns_where_it_was_called(tmp_path):
    path = tmp_path / "runs.csv"
    wide().to_csv(path, index=False)
    with pytest.warns(DirectionWarning) as caught:
        ps.read(path, inputs="top1", outputs="ms")
    assert len(caught) == 2
    assert caught[0].filename == __file__


def test_select_warns_of_what_changes_its_role():
    data = measure(wide(mb=[1.0, 1, 2, 2]), inputs=["ms", "mb"])
    assert data.select(inputs="ms").inputs == ("ms",)
    with pytest.warns(DirectionWarning, match="'mb' as an output") as caught:
        moved = data.select(inputs="ms", outputs=["top1", "mb"])
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert moved.select(models=["b", "a"]).outputs == ("top1", "mb")  # it was said


def test_the_shipped_data_have_their_roles():
    assert ps.load("imagenet").inputs


def test_it_can_be_meant_so():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DirectionWarning)
        assert measure(wide(), inputs="top1", outputs="ms").inputs == ("top1",)


def test_the_command_line_says_it_once_in_its_own_words(tmp_path, capsys):
    path = tmp_path / "runs.csv"
    wide(**{"wer, clean": [5.0, 6, 7, 8]}).to_csv(path, index=False)
    text = '[["ms"], ["ms", "wer, clean"]]'
    study = tmp_path / "study.toml"
    study.write_text(f'inputs = {text}\noutputs = ["top1"]\n')
    assert main(["rank", str(path), "--study", str(study), "--resamples", "20"]) == 0
    assert "is better" not in capsys.readouterr().err
    study.write_text('inputs = ["ms"]\noutputs = ["wer, clean"]\n')
    assert main(["rank", str(path), "--study", str(study), "--resamples", "20"]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "is better" in line]
    assert said == [
        "warning: runs.csv: found 'wer, clean' as an output, where higher is better; its name says that lower is "
        """better; give --inputs '"wer, clean"', or leave it where it is if it is meant so"""
    ]


# --- roles for a table without any ---


def refusal(capsys, *arguments):
    """The error of a command line, and its notes."""
    assert main([str(argument) for argument in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    first, *notes = [line for line in err.splitlines() if not line.startswith("warning: ")]
    assert first.startswith("error: ")
    assert all(note.startswith("  ") for note in notes)
    return first.removeprefix("error: "), [note.strip() for note in notes]


def proposed(message):
    """The command that an error proposes, as arguments."""
    program, *arguments = shlex.split(message.partition("; their names suggest ")[2])
    assert program == "paretoscope"
    return arguments


@pytest.fixture
def many_columns(tmp_path):
    """A file whose columns are of all kinds."""
    frame = wide(
        run=[1, 2, 1, 2],
        note=["x", "y", "z", "x"],
        build_id=[3, 4, 5, 6],
        batch_size=[1, 1, 8, 8],
        weird=[1, 2, 3, 5],
        usd=[2.0, 2.0, 2.0, 2.0],
        top1_err=[30.0, 30.0, 25.0, 25.0],
        energy_j=[1.0, None, 2.0, 3.0],
        precision=[8, 8, 16, 16],
    ).rename(columns={"ms": "latency (ms)"})
    path = tmp_path / "my runs.csv"
    frame.to_csv(path, index=False)
    return path


def test_the_proposal_says_what_it_takes_and_what_not(many_columns, capsys):
    message, notes = refusal(capsys, "rank", many_columns, "--resamples", 20)
    command = f"""paretoscope rank '{many_columns}' --resamples 20 --inputs 'latency (ms)' --outputs top1"""
    assert message == (
        "my runs.csv: found neither inputs nor outputs; expected the metrics to rank by; their names suggest " + command
    )
    assert notes == [
        "inputs, lower is better: 'latency (ms)'",
        "outputs, higher is better: 'top1'",
        "left out, names of targets and numbers of runs: 'run'",
        "left out, not numbers: 'note'",
        "left out, identifiers: 'build_id'",
        "left out, names that do not say which way is better: 'batch_size', 'weird'",
        "left out, the same for all models: 'usd'",
        "left out, what says the same as another: 'top1_err'",
        "left out, without a usable value for every model, or with several: 'energy_j'",
        "left out, settings: 'precision'",
    ]


@pytest.mark.parametrize("command", ["rank", "front", "report", "plot"])
def test_the_proposed_command_runs(command, many_columns, tmp_path, capsys):
    more = {"report": ["--out", tmp_path / "r.html"], "plot": ["--out", tmp_path / "p.svg"]}.get(command, [])
    words = [command, *(["efficiency"] if command == "plot" else []), many_columns, "--resamples", "20", *more]
    message, _ = refusal(capsys, *words)
    assert main(proposed(message)) == 0


def test_targets_of_a_long_table(tmp_path, capsys):
    path = tmp_path / "long.csv"
    path.write_text(
        "model,target,metric,value,unit\n"
        "a,v100,lat,1.5,ms\na,t4,lat,3.5,ms\nb,v100,lat,2.5,ms\nb,t4,lat,4.5,ms\n"
        "a,,top1,70,%\nb,,top1,75,%\na,v100,depth,1,\nb,v100,depth,2,\n"
        "a,v100,size_mb,9,MB\nb,v100,size_mb,8,MB\na,t4,size_mb,9,MB\nb,t4,size_mb,8,MB\n"
    )
    message, notes = refusal(capsys, "rank", path)
    assert proposed(message)[2:] == ["--inputs", "lat@v100,lat@t4,size_mb", "--outputs", "top1"]
    assert notes[2:] == ["left out, names that do not say which way is better: 'depth'"]
    assert main([*proposed(message), "--resamples", "20"]) == 0


def test_spreads_are_left_out(tmp_path, capsys):
    path = tmp_path / "published.csv"
    path.write_text(
        'model,ms,ms_sd,ms_n,acc,acc_stderr,"bleu,none","bleu_stderr,none"\na,1,.1,5,70,.2,30,1\nb,2,.1,5,75,.2,31,1\n'
    )
    message, notes = refusal(capsys, "rank", path)
    assert proposed(message)[2:] == ["--inputs", "ms", "--outputs", 'acc,"bleu,none"']
    assert notes[2:] == ["left out, spreads and numbers of runs: 'ms_sd', 'ms_n', 'acc_stderr', 'bleu_stderr,none'"]


def test_python_is_answered_in_python():
    with pytest.raises(OptionError) as caught:
        Measurements.from_frame(wide(), source="runs")
    assert str(caught.value) == (
        "runs: found neither inputs nor outputs; expected the metrics to rank by; "
        "their names suggest inputs=['ms'], outputs=['top1']"
    )
    assert caught.value.__notes__[0] == "inputs, lower is better: 'ms'"


def test_read_proposes_too(tmp_path):
    path = tmp_path / "runs.csv"
    wide().to_csv(path, index=False)
    with pytest.raises(OptionError, match=r"^runs\.csv: .* suggest inputs=\['ms'\], outputs=\['top1'\]"):
        ps.read(path)


def test_one_role_is_proposed_where_the_other_has_no_metric():
    with pytest.raises(OptionError, match=r"their names suggest inputs=\['ms'\]\n"):
        Measurements.from_frame(wide()[["model", "ms"]])


def test_nothing_is_proposed_where_no_name_says(tmp_path, capsys):
    path = tmp_path / "runs.csv"
    path.write_text("model,x,y\na,1,2\nb,2,1\n")
    message, notes = refusal(capsys, "rank", path)
    assert message == (
        "runs.csv: found neither inputs nor outputs; expected the metrics to rank by; "
        "no name says which way is better; give --inputs NAME --outputs NAME"
    )
    assert notes == [
        "inputs, lower is better: none",
        "outputs, higher is better: none",
        "left out, names that do not say which way is better: 'x', 'y'",
    ]
    with pytest.raises(OptionError, match=r"give inputs=\['NAME', ...\], outputs=\['NAME', ...\]"):
        ps.read(path)


def test_what_no_answer_could_do_without_comes_first():
    with pytest.raises(DataError, match="no column 'model'"):
        Measurements.from_frame(wide().rename(columns={"model": "network"}))
    with pytest.raises(DataError, match="expected two models or more"):
        Measurements.from_frame(wide(model=["a"] * 4))
    with pytest.raises(DataError, match="run '1' of model 'a' twice"):
        Measurements.from_frame(wide(run=[1, 1, 1, 2]))


@pytest.mark.parametrize("name", ["acc\x1b[31m", "acc\n1", "acc\u202e", "acc" * 60, " "])
def test_what_a_command_cannot_hold_is_not_proposed(name):
    with pytest.raises(OptionError) as caught:
        Measurements.from_frame(wide(**{name: [1.0, 2, 3, 4]}))
    assert str(caught.value).endswith("inputs=['ms'], outputs=['top1']")
    assert caught.value.__notes__[2].startswith("left out, names that a command cannot hold: ")


def test_a_proposal_ends_somewhere():
    frame = wide(**{f"acc{i}": [1.0, 2 + i, 3, 4 + i * i] for i in range(40)})
    with pytest.raises(OptionError) as caught:
        Measurements.from_frame(frame)
    assert str(caught.value).count("'acc") == MOST - 1
    assert caught.value.__notes__[-1].startswith(f"left out, beyond {MOST} of one role: ")


def test_one_role_stated_is_no_reason_to_propose():
    data = Measurements.from_frame(wide(), inputs="ms")
    assert (data.inputs, data.outputs) == (("ms",), ())


def test_flags_go_before_the_end_of_flags():
    with speaking_flags("paretoscope", "rank", "--", "-runs.csv"):
        assert typed_again("--inputs", "a b") == "paretoscope rank --inputs 'a b' -- -runs.csv"


@given(
    st.lists(st.sampled_from(listed(LOWER)), min_size=1, max_size=20, unique=True),
    st.lists(st.sampled_from(listed(HIGHER)), min_size=1, max_size=20, unique=True),
)
@settings(deadline=None, max_examples=15)
def test_any_proposal_is_taken_without_a_warning_of_direction(low, high):
    frame = pd.DataFrame(np.random.default_rng(0).uniform(0.1, 0.9, (3, len(low + high))), columns=low + high)
    frame.insert(0, "model", list("abc"))
    with pytest.raises(OptionError) as caught:
        Measurements.from_frame(frame)
    roles = eval(f"dict({str(caught.value).partition('; their names suggest ')[2]})")
    assert roles == {"inputs": low[:MOST], "outputs": high[:MOST]}
    data = measure(frame, **roles)
    assert (data.inputs, data.outputs) == (tuple(low[:MOST]), tuple(high[:MOST]))
