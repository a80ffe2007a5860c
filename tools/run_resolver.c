#include "run_resolver.h"

#include "memory.h"
#include "tool.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UPSTREAM                                                                                                       \
    "/run/systemd/resolve/resolv.conf" /* what systemd-resolved asks itself, when it listens on 127.0.0.53 */
#define TEXT_MOST 4096

static bool read_text(const char *path, char out[TEXT_MOST])
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? -1 : read(fd, out, TEXT_MOST - 1);
    if (fd >= 0)
        (void)close(fd);
    out[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* "nameserver 127.…" */
static bool is_local(const char *line)
{
    static const char word[] = "nameserver";
    if (strncmp(line, word, sizeof word - 1) != 0)
        return false;
    line += sizeof word - 1;
    line += strspn(line, " \t");
    return !strncmp(line, "127.", 4) || !strncmp(line, "::1", 3);
}

bool tool_run_resolver_text(const char *text, const char *gateway, char *out, size_t size)
{
    bool changed = false;
    size_t n = 0;
    out[0] = '\0';
    while (*text && n < size) {
        const size_t length = strcspn(text, "\n");
        if (!is_local(text))
            n += (size_t)snprintf(out + n, size - n, "%.*s\n", (int)length, text);
        else if (gateway && !changed) /* they all become the same */
            n += (size_t)snprintf(out + n, size - n, "nameserver %s\n", gateway);
        changed |= is_local(text);
        text += length + (text[length] == '\n');
    }
    return changed && n < size;
}

/* Of the first default route of IPv4; its numbers are in the machine's order, as they lie in memory. */
static bool find_gateway(char out[INET_ADDRSTRLEN])
{
    char line[256];
    unsigned long by = 0;
    FILE *f = fopen("/proc/net/route", "re");
    while (f && !by && fgets(line, sizeof line, f)) { /* interface, destination, gateway */
        char *end = line + strcspn(line, "\t ");
        const bool is_default = strtoul(end, &end, 16) == 0;
        by = is_default ? strtoul(end, &end, 16) : 0;
    }
    if (f)
        (void)fclose(f);
    const struct in_addr address = {.s_addr = (in_addr_t)by};
    return by && inet_ntop(AF_INET, &address, out, INET_ADDRSTRLEN);
}

char *tool_run_resolver(const struct tool_folder *folder)
{
    char text[TEXT_MOST], changed[TEXT_MOST], gateway[INET_ADDRSTRLEN];
    const bool leads = find_gateway(gateway);
    if (!read_text(TOOL_RUN_RESOLVERS, text) ||
        !tool_run_resolver_text(text, leads ? gateway : NULL, changed, sizeof changed))
        return NULL;
    if (read_text(UPSTREAM, text) && strstr(text, "nameserver"))
        return tool_checked(strdup(UPSTREAM));
    char *path = tool_folder_make(folder, "resolv.conf");
    const int fd = path ? open(path, O_WRONLY | O_CLOEXEC) : -1;
    const bool ok = fd >= 0 && fchmod(fd, 0644) == 0 && tool_write(fd, changed, strlen(changed)) == 0;
    if (fd >= 0)
        (void)close(fd);
    if (ok)
        return path;
    free(path);
    return NULL;
}
