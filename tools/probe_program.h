/* What the kernel does where a probe is met, as a BPF program: it takes the registers, and from the program's memory
 * what a line of a key log needs; of the processes of a run alone. Nothing here talks to the kernel. */
#ifndef WIRETALE_TOOL_PROBE_PROGRAM_H
#define WIRETALE_TOOL_PROBE_PROGRAM_H

#include "trace_call.h"

#include <linux/bpf.h>

enum {
    TOOL_PROBE_PIECES = 8, /* of memory, that one program takes at most */
    TOOL_PROBE_PIECE = 72, /* bytes: a label or a secret, or the words that Go had on its stack */
    TOOL_PROBE_CODE = 512, /* instructions: of any of these programs */
    TOOL_PROBE_STARTED = -1,
};

/* As the kernel hands it over. */
struct tool_probe_record {
    uint32_t process;
    int32_t point; /* which; TOOL_PROBE_STARTED: the process has become another program, and nothing follows */
    uint64_t registers[TOOL_CPU_WORDS];
    struct tool_probe_piece {
        uint64_t address, n; /* no bytes: it could not be read */
        uint8_t bytes[TOOL_PROBE_PIECE];
    } pieces[TOOL_PROBE_PIECES];
};

/* Descriptors of what the programs share. */
struct tool_probe_maps {
    int tree; /* ids of the run's processes */
    int ring; /* where records go */
    int lost; /* one number: records for which there was no room */
};

/* A program for a point where that is called: how many instructions; 0: what it would need is not to be had so. */
size_t tool_probe_program(enum tool_trace_call call, int32_t point, const struct tool_probe_maps *maps,
                          struct bpf_insn code[TOOL_PROBE_CODE]);
/* For the tracepoint of fork(): a child of one of the run is one of the run, also when its parents are gone. `id` is
 * where a task_struct has its process's id. */
size_t tool_probe_forked(uint32_t id, const struct tool_probe_maps *maps, struct bpf_insn code[TOOL_PROBE_CODE]);
/* For the tracepoint of execve(): it is told that one of the run has become another program. */
size_t tool_probe_started(const struct tool_probe_maps *maps, struct bpf_insn code[TOOL_PROBE_CODE]);

/* The line that a record has; 0: none. As for tool_call_line(). */
size_t tool_probe_line(enum tool_trace_call call, const struct tool_probe_record *record, char line[TOOL_CALL_LINE]);

#endif
