#include "wiretale/error.h"
#include "base/i18n.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [WT_OK] = "ok",
    [WT_TRUNCATED] = "truncated",
    [WT_TRAILING] = "trailing",
    [WT_LENGTH] = "length",
    [WT_VALUE] = "value",
    [WT_DUPLICATE] = "duplicate",
    [WT_LIMIT] = "limit",
    [WT_UNSUPPORTED] = "unsupported",
    [WT_NO_SPACE] = "no_space",
    [WT_MEMORY] = "memory",
    [WT_IO] = "io",
    [WT_FORMAT] = "format",
    [WT_MISSING] = "missing",
    [WT_MISMATCH] = "mismatch",
};

const char *wt_code_name(enum wt_code code)
{
    return (unsigned)code < sizeof names / sizeof *names ? names[code] : "unknown";
}

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
        return snprintf(out, size, "%s", _("all is well"));
    case WT_TRUNCATED:
        return snprintf(out, size, _("only %" PRIu64 " of %" PRIu64 " bytes are there"), e->value, e->bound);
    case WT_TRAILING:
        return snprintf(out, size, _("%" PRIu64 " bytes are left behind its end"), e->value);
    case WT_LENGTH:
        return snprintf(out, size, _("its length is %" PRIu64 ", which does not fit the bound %" PRIu64), e->value,
                        e->bound);
    case WT_VALUE:
        return snprintf(out, size, _("the value %" PRIu64 " (0x%" PRIx64 ") is not allowed"), e->value, e->value);
    case WT_DUPLICATE:
        return snprintf(out, size, _("%" PRIu64 " (0x%" PRIx64 ") stands twice"), e->value, e->value);
    case WT_LIMIT:
        return snprintf(out, size, _("%" PRIu64 " is over the limit of %" PRIu64), e->value, e->bound);
    case WT_UNSUPPORTED:
        return snprintf(out, size, _("%" PRIu64 " (0x%" PRIx64 ") is of an unknown kind"), e->value, e->value);
    case WT_NO_SPACE:
        return snprintf(out, size, _("%" PRIu64 " bytes do not fit into %" PRIu64), e->value, e->bound);
    case WT_MEMORY:
        return snprintf(out, size, "%s", _("out of memory"));
    case WT_IO:
        return snprintf(out, size, "%s", wt_error_reason((int)e->value));
    case WT_MISSING:
        return snprintf(out, size, _("%" PRIu64 " (0x%" PRIx64 ") is missing"), e->value, e->value);
    case WT_MISMATCH:
        return snprintf(out, size, "%s", _("it differs from what it has to repeat"));
    case WT_FORMAT:
        return snprintf(out, size, "%s", _("not of this format"));
    }
    return snprintf(out, size, "%s", _("unknown error"));
}

size_t wt_error_format(const struct wt_error *error, char *out, size_t size)
{
    char what[256];
    int n;
    (void)sentence(error, what, sizeof what);
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
