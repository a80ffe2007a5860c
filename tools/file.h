/* Files that are written: for their owner alone, whole or not at all, and never in place of what is being read. */
#ifndef WIRETALE_TOOL_FILE_H
#define WIRETALE_TOOL_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct tool_command;

struct tool_file {
    const struct tool_command *command;
    char *path;      /* as it was named */
    char *target;    /* what it leads to */
    char *temporary; /* beside it, until all is written; NULL when it is written as it is (a pipe, a device) */
    int fd;
    int error; /* errno of the first write that failed */
};

/* "-" is standard output, refused when that is a terminal unless `text`. `inputs` are the captures being read: none of
 * them may be written over. False with the reason printed. */
bool tool_file_open(struct tool_file *file, const struct tool_command *command, const char *path, char *const *inputs,
                    int count, bool text);
/* It may be read by whom the umask lets. */
void tool_file_share(const struct tool_file *file);
/* `context` is the file. */
bool tool_file_write(void *context, const void *bytes, size_t length);
/* Gives it its name. False, with the reason printed, when it could not be written. */
bool tool_file_commit(struct tool_file *file);
/* From a signal's handler: the next signal of this number ends the program, and leaves nothing half written behind. */
void tool_file_guard(int number);
/* Leaves nothing behind; after a commit it does nothing. */
void tool_file_drop(struct tool_file *file);

#endif
