"""(f) of bench/run: QUIC. Its captures come from the generator (datagrams.c)."""
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

HELLOS, DOWNLOAD = 20_000, 1_000_000_000
GOAL_HELLOS = 1 / 40  # of tshark's CPU time
GOAL_CLOSED = 0.5     # of the bytes a second of the TCP downloads, without keys
GOAL_OPEN = 0.5       # of the bare cipher's speed in blocks of a packet's size, with keys
BLOCK = 1200
HELLOS_RSS_MIB = 64   # all of them are open until the end of the file


def written(run, bench, where, *options):
    capture = Path(where) / "quic.pcap"
    command = [bench.build / "bench" / "datagrams", *map(str, options), capture]
    if subprocess.run(command, check=False).returncode != 0:
        raise run.Trouble(f"{' '.join(map(str, command))}: failed")
    return capture


def hellos(run, bench, where):
    capture = written(run, bench, where, "--hellos", HELLOS)
    if not shutil.which("tshark"):
        raise run.Trouble("needs tshark: apt-get install tshark")
    run.say(f"(f) QUIC: both hellos of {HELLOS:,} connections, {capture.stat().st_size / 1e6:,.0f} MB")
    ours = [bench.wiretale, "read", "--json", capture]
    with subprocess.Popen(ours, stdout=subprocess.PIPE, env=bench.environment) as reader:
        told = [json.loads(line) for line in reader.stdout]
    whole = [c for c in told if c.get("protocol") == "quic" and c.get("ja4", "").startswith("q") and c.get("cipher_suite")]
    if len(whole) != HELLOS:
        raise run.Trouble(f"wiretale found both hellos of {len(whole):,} connections: not the whole job")
    theirs = ["tshark", "-r", capture, "-Y", "tls.handshake", "-T", "fields", "-e", "udp.stream", "-e", "tls.handshake.type"]
    return run.compare(bench, [("wiretale read", bench.runs, lambda: bench.once(ours)),
                               ("tshark", min(bench.runs, bench.tshark_runs), lambda: bench.once(theirs))],
                       "cpu", GOAL_HELLOS, run.as_fraction, HELLOS_RSS_MIB)


def tcp_speed(run, bench):
    """Bytes of file that a second of CPU reads of the TCP downloads; 0 where they cannot be made."""
    try:
        capture, facts = run.traffic(bench, "downloads")
    except run.Trouble as trouble:
        run.note(f"without TCP to compare with: {trouble}")
        return 0
    run.settle(capture)
    cost = run.condense([bench.once([bench.wiretale, "read", "--json", capture]) for _ in range(bench.runs)])
    return facts["file_bytes"] / cost["cpu"]


def download(run, bench, where):
    capture = written(run, bench, where, "--download", DOWNLOAD)
    size, keys = capture.stat().st_size, f"{capture}.keys"
    run.settle(capture)
    run.say(f"  a download of {DOWNLOAD / 1e9:.2f} GB, {size / 1e6:,.0f} MB")
    closed = [bench.wiretale, "read", "--json", capture]
    opened = [bench.wiretale, "read", "--summary", "--keylog", keys, capture]
    told = subprocess.run([bench.wiretale, "read", "--json", "--keylog", keys, capture], stdout=subprocess.PIPE, env=bench.environment, check=True)
    quic = json.loads(told.stdout.splitlines()[0]).get("quic", {})
    if not quic.get("packets") or quic["packets"] != quic.get("opened"):
        raise run.Trouble(f"not all was opened: {quic.get('opened')} of {quic.get('packets')}")
    costs = bench.alternate([("without keys", bench.runs, lambda: bench.once(closed)), ("with keys", bench.runs, lambda: bench.once(opened))])
    run.print_costs(costs, "cpu")
    run.print_costs(costs, "wall")
    result, tcp, bare = {"costs": costs}, tcp_speed(run, bench), run.speed_of("aes-128-gcm", BLOCK)
    if tcp:
        run.say(f"  TCP downloads, without keys: {tcp / 1e9:.2f} GB of file for each second of CPU")
        result["closed"] = run.judge("speed without keys against TCP's", size / costs["without keys"]["cpu"] / tcp, GOAL_CLOSED, "{:.2f}".format, at_least=True)
    run.say(f"  openssl speed -evp aes-128-gcm -bytes {BLOCK}: {bare / 1e9:.2f} GB/s")
    result["opened"] = run.judge("speed by CPU time against the bare cipher", DOWNLOAD / costs["with keys"]["cpu"] / bare, GOAL_OPEN, "{:.2f}".format, at_least=True)
    result["rss_mib"] = run.judge("peak memory", max(cost["rss"] for cost in costs.values()) / run.MIB, run.GOAL_RSS_MIB, run.as_mib)
    return result


def part(run, bench):
    with tempfile.TemporaryDirectory(prefix="wiretale-bench-", dir=bench.args.dir) as where:
        return {"hellos": hellos(run, bench, where), "download": download(run, bench, where)}
