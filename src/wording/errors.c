/* What a status says (struct wt_error), in the language that is spoken. */
#include "base/i18n.h"
#include "wiretale/error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* libc's words are translated only where its catalogues are installed; those that people meet are ours as well. */
static const struct {
    int number;
    const char *text;
} reasons[] = {
    {ENOENT, N_("No such file or directory")}, {EACCES, N_("Permission denied")},
    {EPERM, N_("Operation not permitted")},    {EISDIR, N_("Is a directory")},
    {ENOTDIR, N_("Not a directory")},          {EEXIST, N_("File exists")},
    {ENOSPC, N_("No space left on device")},   {EROFS, N_("Read-only file system")},
    {EIO, N_("Input/output error")},
};

const char *wt_error_reason(int number)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].number == number)
            return _(reasons[i].text);
    return strerror(number);
}

/* What is wrong, in words that take value and bound; the order of the two is fixed: value, bound. */
static int sentence(const struct wt_error *e, char *out, size_t size)
{
    switch (e->code) {
    case WT_OK:
        return snprintf(out, size, "%s", _("no error"));
    case WT_TRUNCATED:
        return snprintf(out, size, _("only %" PRIu64 " of %" PRIu64 " bytes present"), e->value, e->bound);
    case WT_TRAILING:
        return snprintf(out, size, _("%" PRIu64 " extra bytes after the end"), e->value);
    case WT_LENGTH:
        return snprintf(out, size, _("invalid length %" PRIu64 " (bound %" PRIu64 ")"), e->value, e->bound);
    case WT_VALUE:
        return snprintf(out, size, _("value %" PRIu64 " (0x%" PRIx64 ") not allowed"), e->value, e->value);
    case WT_DUPLICATE:
        return snprintf(out, size, _("duplicate %" PRIu64 " (0x%" PRIx64 ")"), e->value, e->value);
    case WT_LIMIT:
        return snprintf(out, size, _("%" PRIu64 " exceeds the limit of %" PRIu64), e->value, e->bound);
    case WT_UNSUPPORTED:
        return snprintf(out, size, _("unknown type %" PRIu64 " (0x%" PRIx64 ")"), e->value, e->value);
    case WT_NO_SPACE:
        return snprintf(out, size, _("%" PRIu64 " bytes do not fit into %" PRIu64), e->value, e->bound);
    case WT_MEMORY:
        return snprintf(out, size, "%s", _("out of memory"));
    case WT_IO:
        return snprintf(out, size, "%s", wt_error_reason((int)e->value));
    case WT_MISSING:
        return snprintf(out, size, _("missing %" PRIu64 " (0x%" PRIx64 ")"), e->value, e->value);
    case WT_SHRUNK:
        return snprintf(out, size, "%s", _("the file became shorter while it was read"));
    case WT_MISMATCH:
        return snprintf(out, size, "%s", _("does not match the value it must repeat"));
    case WT_FORMAT:
        if (e->rule && *e->rule)
            /* TRANSLATORS: the name of a format, and a command */
            return snprintf(out, size, _("another format, %s; convert it first: %s"), e->field, e->rule);
        if (e->rule)
            return snprintf(out, size, _("another format, %s, which has no packets"), e->field);
        if (e->value == 0)
            return snprintf(out, size, "%s", _("empty"));
        return snprintf(out, size, "%s", _("not in this format"));
    }
    return snprintf(out, size, "%s", _("unknown error"));
}

size_t wt_error_format(const struct wt_error *error, char *out, size_t size)
{
    char what[256];
    int n;
    (void)sentence(error, what, sizeof what);
    if (error->code == WT_FORMAT && error->rule)
        return (size_t)snprintf(out, size, "%s", what);
    if (error->code == WT_OK || !error->field)
        n = snprintf(out, size, "%s", what);
    else
        n = snprintf(out, size, _("%s at byte %" PRIu64 ": %s"), error->field, error->offset, what);
    if (n >= 0 && error->rule) {
        size_t used = (size_t)n < size ? (size_t)n : size;
        int more = snprintf(used < size ? out + used : NULL, size - used, " (%s)", error->rule);
        n = more < 0 ? more : n + more;
    }
    return n < 0 ? 0 : (size_t)n;
}
