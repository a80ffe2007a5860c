/* Programs that run already must not be stopped, nor end when wiretale does: their secrets are read by probes of the
 * kernel (uprobes) where they pass. What a probe runs is in probe_program.c. With us all of it goes, however we end:
 * the kernel keeps probes and BPF programs as long as somebody has their descriptors.
 *
 * A probe is set on a place in a file, for whoever has that file mapped: the kernel could limit it to one process, but
 * not to those that this one starts later. So the BPF program looks whether the process is of the run, before it reads
 * anything; secrets of others do not leave the kernel, not even to us. */
#ifndef WIRETALE_TOOL_PROBE_H
#define WIRETALE_TOOL_PROBE_H

#include "trace.h"

enum {
    TOOL_PROBE_FILES = 1024, /* different programs and libraries that are looked at in one run */
    TOOL_PROBE_POINTS = 256, /* probes at one time */
    TOOL_PROBE_TREE = 65536, /* processes of a run that are known; the one that was not met for the longest time goes */
    TOOL_PROBE_RING = 4 << 20, /* bytes: of records that we have not taken yet */
};

struct tool_probes;

/* Whether there can be any in this build. */
bool tool_probes_built(void);
/* For `root` and what it has started. NULL: `why` says what forbids it, and what would help. */
struct tool_probes *tool_probes_new(pid_t root, tool_trace_line *line, void *context, char *why, size_t size);
/* Readable when there is something to take; to be taken now and then also without. */
int tool_probes_ready(const struct tool_probes *probes);
/* Lines go to `line`; what has been mapped since gets its probes. */
void tool_probes_take(struct tool_probes *probes);
/* How many processes there are now, `root` among them. */
size_t tool_probes_processes(const struct tool_probes *probes);
/* Programs and libraries that were met, those without TLS left out. */
size_t tool_probes_seen(const struct tool_probes *probes, const struct tool_trace_seen **seen);
/* Secrets that were not taken in time. */
uint64_t tool_probes_lost(const struct tool_probes *probes);
void tool_probes_free(struct tool_probes *probes);

#endif
