/* Packets of a live capture into files: one, or a row of them by size or time, of which the newest may be kept alone.
 */
#ifndef WIRETALE_TOOL_SPOOL_H
#define WIRETALE_TOOL_SPOOL_H

#include "tool.h"
#include "wiretale/write.h"

struct tool_spool {
    const struct tool_command *command;
    const char *path;   /* as it was named; NULL: nothing is written */
    uint64_t size_most; /* bytes of a file; 0: any */
    uint64_t seconds;   /* of a file; 0: any */
    uint64_t count;     /* files that are kept; 0: all */
    unsigned uid, gid;  /* whose they are to be */
    struct wt_capture_writer *writer;
    int fd;
    uint64_t written;
    int64_t begun_ns; /* packet time at which the file began */
    unsigned long number;
    char **names; /* with count: of the files there are, by number */
    bool failed;
};

/* The first file, while root still can; false with the reason printed. */
bool tool_spool_open(struct tool_spool *spool);
/* Whether later files can be made by who the process is now; false with the mend printed. */
bool tool_spool_may_rotate(const struct tool_spool *spool);
/* False, with the reason printed once, when it could not be written. */
bool tool_spool_packet(struct tool_spool *spool, const struct wt_packet *packet);
/* What is held reaches the file. */
void tool_spool_flush(struct tool_spool *spool);
bool tool_spool_close(struct tool_spool *spool);

#endif
