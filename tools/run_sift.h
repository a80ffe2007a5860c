/* From what was recorded to the packets of the run alone. */
#ifndef WIRETALE_TOOL_RUN_SIFT_H
#define WIRETALE_TOOL_RUN_SIFT_H

#include "run_folder.h"
#include "secrets.h"

#include <stdint.h>

struct tool_owners;

struct tool_sift {
    /* set before */
    const struct tool_command *command;
    const struct tool_folder *folder;
    bool beside; /* it was recorded beside others; else it had its own network, and all is its own */
    const struct tool_words *keylogs; /* of the run */
    /* what came of it */
    char packets[64];     /* the file in the folder */
    uint64_t others;      /* TLS connections that nothing says to be of this run */
    uint64_t turned_away; /* connections that nothing says whose they were, as they were refused at once */
    char by[80];          /* an address and port that did so; "": none */
    uint16_t refused;     /* a port of its own loopback where nobody listened; 0: none */
    bool failed;          /* which is said */
};

/* In a process of its own, which gives up root before it reads a packet. */
void tool_sift(struct tool_sift *sift);

#endif
