#include "probe_files.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE = PATH_MAX + 128, LINES = 65536 /* of one process */ };

/* "FROM-TO rwxp OFFSET MAJOR:MINOR INODE PATH" */
static bool parse(char *line, struct tool_probe_file *file)
{
    char rights[5] = "";
    unsigned long offset;
    unsigned major, minor;
    int path = 0;
    *file = (struct tool_probe_file){0};
    // NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers
    if (sscanf(line, "%lx-%lx %4s %lx %x:%x %" SCNu64 " %n", &file->from, &file->to, rights, &offset, &major, &minor,
               &file->inode, &path) != 7 ||
        rights[2] != 'x' || file->inode == 0 || !path)
        return false;
    line[strcspn(line, "\n")] = '\0';
    file->device = (uint64_t)major << 32 | minor;
    file->path = line + path;
    return line[path] == '/';
}

void tool_probe_files(pid_t process, bool (*each)(void *context, pid_t process, const struct tool_probe_file *file),
                      void *context)
{
    char path[64], line[LINE];
    struct tool_probe_file file;
    (void)snprintf(path, sizeof path, "/proc/%d/maps", (int)process);
    FILE *f = fopen(path, "re");
    for (unsigned n = 0; f && n < LINES && fgets(line, sizeof line, f); n++)
        if (parse(line, &file) && !each(context, process, &file))
            break;
    if (f)
        (void)fclose(f);
}

int tool_probe_files_open(pid_t process, const struct tool_probe_file *file)
{
    char path[PATH_MAX + 64];
    struct stat st;
    (void)snprintf(path, sizeof path, "/proc/%d/map_files/%lx-%lx", (int)process, file->from, file->to);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0)
        return fd;
    /* that takes CAP_CHECKPOINT_RESTORE: without, by its name, where that is still the same file */
    (void)snprintf(path, sizeof path, "/proc/%d/root%s", (int)process, file->path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_ino != file->inode)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}
