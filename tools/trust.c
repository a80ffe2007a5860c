#include "trust.h"

#include "memory.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FILE_MOST (64u << 20) /* bytes: the largest bundles of roots have less than one */

/* A whole file, to be freed; NULL with the reason printed. */
static char *read_file(const struct tool_arguments *a, size_t *length)
{
    int fd = open(a->value, O_RDONLY | O_CLOEXEC);
    size_t room = 0, n = 0;
    ssize_t got = fd < 0 ? -1 : 1;
    char *bytes = NULL;
    while (got > 0 && n < FILE_MOST) {
        if (n == room) {
            char *grown = tool_checked(realloc(bytes, room = room ? 2 * room : 65536));
            if (!grown) {
                got = -1;
                break;
            }
            bytes = grown;
        }
        got = read(fd, bytes + n, room - n);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            n += (size_t)got;
    }
    if (got != 0) {
        tool_complain(a->command, "%s: %s", a->value, got > 0 ? _("too large") : wt_error_reason(errno));
        free(bytes);
        bytes = NULL;
    }
    *length = n;
    if (fd >= 0)
        (void)close(fd);
    return bytes;
}

static bool load(struct wt_trust *trust, const struct tool_arguments *a,
                 bool (*add)(struct wt_trust *, const void *, size_t, enum wt_problem_id *))
{
    size_t length;
    enum wt_problem_id why = WT_PROBLEM_NONE;
    char *bytes = read_file(a, &length);
    bool ok = bytes && add(trust, bytes, length, &why);
    if (bytes && !ok)
        tool_complain(a->command, "%s: %s", a->value, wt_problem_text(why));
    free(bytes);
    return ok;
}

/* RFC 3339 as far as it is given: a day, or a day and a time in UTC; "now"; seconds since 1970 after an @. */
static bool read_time(const char *text, int64_t *out)
{
    static const char *const forms[] = {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S",
                                        "%Y-%m-%dT%H:%MZ",    "%Y-%m-%d %H:%M",    "%Y-%m-%d"};
    char *end = NULL;
    if (!strcmp(text, "now")) {
        *out = (int64_t)time(NULL);
        return true;
    }
    if (*text == '@') {
        errno = 0;
        long long seconds = strtoll(text + 1, &end, 10);
        *out = seconds;
        return errno == 0 && end != text + 1 && !*end && seconds >= 0 && seconds < 253402300800; /* year 10000 */
    }
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm tm = {0};
        const char *rest = strptime(text, forms[i], &tm);
        if (rest && !*rest) {
            int day = tm.tm_mday;
            *out = (int64_t)timegm(&tm); /* the 30th of February becomes a day of March */
            return tm.tm_mday == day;
        }
    }
    return false;
}

bool tool_trust_option(struct wt_trust **trust, const struct tool_arguments *a)
{
    enum wt_problem_id why = WT_PROBLEM_NONE;
    int64_t seconds;
    bool ok = true;
    if (!*trust && !(*trust = wt_trust_new())) {
        tool_complain(a->command, "%s", _("out of memory"));
        return false;
    }
    switch (a->id) {
    case OPTION_CA_FILE:
        return load(*trust, a, wt_trust_add_ca);
    case OPTION_UNTRUSTED:
        return load(*trust, a, wt_trust_add_untrusted);
    case OPTION_SCT_LOGS:
        return load(*trust, a, wt_trust_add_logs);
    case OPTION_CA_PATH:
        ok = wt_trust_add_ca_path(*trust, a->value, &why);
        break;
    case OPTION_HOST:
        ok = wt_trust_set_host(*trust, a->value, &why);
        break;
    default: /* OPTION_AT */
        if (read_time(a->value, &seconds)) {
            wt_trust_set_time(*trust, seconds);
            return true;
        }
        tool_complain(a->command, _("--at takes a time such as 2026-01-31, 2026-01-31T12:00:00Z or now, not '%s'"),
                      a->value);
        return false;
    }
    if (!ok)
        tool_complain(a->command, "%s: %s", a->value, wt_problem_text(why));
    return ok;
}
