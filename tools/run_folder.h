/* The private folder of a run: what is in it is gone afterwards, also when nobody was left to remove it. */
#ifndef WIRETALE_TOOL_RUN_FOLDER_H
#define WIRETALE_TOOL_RUN_FOLDER_H

#include <stdbool.h>

struct tool_command;

struct tool_folder {
    const struct tool_command *command;
    char *path; /* absolute; NULL: there is none */
    int fd;     /* locked: whoever holds it lives */
    bool kept;  /* the user named it, and keeps it */
    char *drop; /* a folder in it, absolute: files are there then; NULL: there is none */
};

/* For its owner alone, in TMPDIR or /tmp; or `keep`, which is made, or is empty. Folders that dead runs of this user
 * have left behind are removed. False with the reason printed. */
bool tool_folder_open(struct tool_folder *folder, const char *keep);
/* Likewise, but for files that others may append to who know their names, and nobody but the owner may read: a program
 * of root's may give up its rights. Nobody can list it. */
bool tool_folder_open_drop(struct tool_folder *folder);
/* The path of a file in it, which the caller frees; NULL without memory. */
char *tool_folder_file(const struct tool_folder *folder, const char *name);
/* An empty file for its owner alone, or to be appended to by all, where that is so: its path, likewise. */
char *tool_folder_make(const struct tool_folder *folder, const char *name);
/* With all that is in it, unless it is kept. */
void tool_folder_remove(const struct tool_folder *folder);
void tool_folder_close(struct tool_folder *folder);

#endif
