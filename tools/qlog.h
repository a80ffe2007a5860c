/* A qlog of each QUIC connection, in a directory: what `read` writes with --qlog. */
#ifndef WIRETALE_TOOL_QLOG_H
#define WIRETALE_TOOL_QLOG_H

#include "tool.h"
#include "wiretale/quic_packet.h"

enum { TOOL_QLOG_BUCKETS = 1024, TOOL_QLOG_OPEN = 4096 /* connections at once */ };

struct tool_qlog_file;

struct tool_qlog {
    const struct tool_command *command; /* who writes it */
    const char *path;                   /* the directory; NULL: none is asked for */
    char *inside;                       /* a file in it, for rights.h */
    int fd;                             /* of the directory, with `open` */
    bool open, failed, many;            /* many: files are of several captures */
    unsigned capture;                   /* which one, from 1 */
    uint64_t written, left_out;
    uint32_t count; /* connections that are open */
    struct tool_qlog_file *buckets[TOOL_QLOG_BUCKETS];
};

/* Makes the directory unless it is there. False, with the reason printed, when that cannot be. */
bool tool_qlog_open(struct tool_qlog *q);
/* From here on packets are of another capture, and are put beside those of the one before. */
void tool_qlog_capture(struct tool_qlog *q);
/* A packet, as the observer tells it. */
void tool_qlog_packet(struct tool_qlog *q, const struct wt_quic_packet_told *packet);
/* Says on standard error what was written. False, when something could not be. */
bool tool_qlog_close(struct tool_qlog *q);
/* What is left of one that was opened, or could not be. */
void tool_qlog_free(struct tool_qlog *q);

#endif
