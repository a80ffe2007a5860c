/* Files of one rotation: one capture in pieces, as tcpdump -C and -G, dumpcap -b, editcap -c and -i write it. */
#ifndef WIRETALE_TOOL_ROTATION_H
#define WIRETALE_TOOL_ROTATION_H

#include "common.h"

/* What joins a piece to the next. */
struct tool_piece {
    bool any; /* a packet was read */
    uint16_t link;
    struct wt_time time;
};

/* The first packet of a file; `any` is false when there is none, or when that cannot be looked at twice. */
struct tool_piece tool_piece_first(const char *name);
/* Whether the names are those of one rotation: asked before the files are. */
bool tool_rotation_names(const char *name, const char *next);
/* Whether the file whose first packet is `first` goes on where another ended with the packet `last`. */
bool tool_rotation_goes_on(const struct tool_piece *last, const struct tool_piece *first);
/* How many of the names from the first on are one capture in pieces: all of them if `rotated`, else those that go on
 * where the one before ended, which is said. Looks at files whose names are those of one rotation. */
int tool_rotation_count(const struct tool_command *command, char **names, int count, bool rotated);
/* Before the packets of another piece: a pause between pieces is no silence of a peer. */
void tool_rotation_resume(struct wt_observer *observer, const char *name);
/* Puts pieces into the order of their first packets. */
void tool_rotation_sort(char **names, int count);

#endif
