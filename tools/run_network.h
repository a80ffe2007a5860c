/* Ways to the packets of a run: pasta, behind which it has a network of its own; or a recorder that listens beside it.
 */
#ifndef WIRETALE_TOOL_RUN_NETWORK_H
#define WIRETALE_TOOL_RUN_NETWORK_H

#include "run_folder.h"
#include "secrets.h"

#include <stdint.h>
#include <sys/types.h>

#define TOOL_RUN_PASTA "pasta.pcap"
#define TOOL_RUN_RECORDED "recorded.pcapng"

/* ---- run_pasta.c */

struct tool_pasta {
    const struct tool_command *command;
    const struct tool_folder *folder;
    const struct tool_words *forward; /* ports of this machine's loopback that are to be had on its own */
    pid_t pid;
    char why[512]; /* it could not be had */
};

bool tool_pasta_is_there(void);
/* Connects the network of that process with ours. False: `why` says what is wrong. */
bool tool_pasta_start(struct tool_pasta *pasta, pid_t network);
void tool_pasta_end(struct tool_pasta *pasta);

/* ---- run_recorder.c */

struct tool_recorder {
    const struct tool_command *command;
    const struct tool_folder *folder;
    pid_t network; /* a process in the network that is listened in; 0: in ours */
    pid_t pid;
    int control;
    char why[512];
};

struct tool_recorder_report {
    uint64_t whole; /* 1: it has come to its end; as wide as the others, since no padding is to be sent */
    uint64_t received, dropped;
};

/* Whether packets of all interfaces may be had. */
bool tool_recorder_may(void);
/* Returns when it listens. False: `why`. */
bool tool_recorder_start(struct tool_recorder *recorder);
struct tool_recorder_report tool_recorder_end(struct tool_recorder *recorder);

#endif
