/* Pre-shared keys of a client or server, from the command line and from files. */
#ifndef WIRETALE_TOOL_PSK_H
#define WIRETALE_TOOL_PSK_H

#include "secrets.h"
#include "wiretale/endpoint.h"

struct tool_psks {
    const struct tool_command *command;
    struct tool_words words, files;
    struct wt_external_psk *list;          /* in the order in which they were named; their bytes are allocated */
    const struct wt_external_psk **sorted; /* by identity */
    struct tool_psk_origin *origins;       /* where each was named */
    size_t count, room;
    uint8_t role; /* enum wt_side */
};

/* Takes --psk or --psk-file; false without memory. */
bool tool_psks_option(struct tool_psks *psks, const struct tool_arguments *arguments);
/* Reads what was named. False with the reason and the mend printed. */
bool tool_psks_open(struct tool_psks *psks, const struct tool_command *command, enum wt_side role);
/* That of an identity; NULL: there is none. */
const struct wt_external_psk *tool_psks_find(const struct tool_psks *psks, struct wt_span identity);
/* Wipes them. */
void tool_psks_close(struct tool_psks *psks);

#endif
