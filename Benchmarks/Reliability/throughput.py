"""The transport beside a C program on the same library, in one run, in turn.

    python3 throughput.py [--rounds 5] [--seconds 2]

One hop: a client in C sends messages of 64 KiB to an echo, ours or C's, 16 on their way. Two hops: a client in C sends messages of
200 B through a broker, ours or C's, to an echoing worker in C, one on its way. The rounds of both are interleaved, and medians compared.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

from stack import PROGRAMS, environment, free_port, report

HERE = pathlib.Path(__file__).resolve().parent


def measured(client, seconds, tries=5):
    """What the client prints. A question that came before the worker had joined is answered by nobody: it is asked again."""
    for number in range(tries):
        try:
            return subprocess.run(client, check=True, capture_output=True, text=True, timeout=seconds + 10).stdout
        except subprocess.TimeoutExpired:
            if number + 1 == tries:
                raise


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        link = os.path.join(folder, "link")
        subprocess.run(["cc", "-O2", "-o", link, HERE / "link.c", "-lzmq"], check=True)
        ours = [PROGRAMS / "kuaibao", "link-bench"]
        cases = {
            "one_hop_64k": (65536, 16, lambda who, front, back: [[link, "echo", front] if who == "c" else [*ours, front]]),
            "two_hops_200b": (200, 1, lambda who, front, back: [
                [link, "broker", front, back] if who == "c" else [*ours, front, "--back", back], [link, "worker", back]]),
        }
        for name, (size, window, programs) in cases.items():
            results = {"c": [], "ours": []}
            for _ in range(options.rounds):
                for who in results:
                    front, back = (f"tcp://127.0.0.1:{free_port()}" for _ in range(2))
                    started = []
                    try:
                        for command in programs(who, front, back):
                            started.append(subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL))
                            time.sleep(0.4)
                        client = [link, "client", front, str(size), str(window), str(options.seconds)]
                        results[who].append([float(word) for word in measured(client, options.seconds).split()])
                    finally:
                        for process in started:
                            process.kill()
                            process.wait()
            for who, rounds in results.items():
                rate, median, tail = (statistics.median(column) for column in zip(*rounds))
                figures[f"{name}_{who}"] = {"per_second": round(rate), "p50_us": round(median, 1), "p99_us": round(tail, 1)}
        figures["one_hop_share_of_c"] = round(figures["one_hop_64k_ours"]["per_second"] / figures["one_hop_64k_c"]["per_second"], 3)
        figures["two_hops_latency_to_c"] = round(figures["two_hops_200b_ours"]["p50_us"] / figures["two_hops_200b_c"]["p50_us"], 3)
    report("throughput", "one hop at 64 KiB at least 80 % of C; two hops at 200 B at most 2 x C's p50", rounds=options.rounds, **figures)


if __name__ == "__main__":
    main()
