/* What is wrong with something that a caller gave (struct wt_problem), in the language that is spoken. */
#include "base/i18n.h"
#include "registry/limits.h"
#include "wiretale/problem.h"

#include <inttypes.h>
#include <stdio.h>

_Static_assert(WT_LIMIT_PSK == 1024, "problems.def says so");
_Static_assert(WT_LIMIT_PSKS == 65536, "problems.def says so");
_Static_assert(WT_LIMIT_RSA_KEYS == 1024, "problems.def says so");

static const char *const texts[WT_PROBLEM_COUNT] = {
#define WT_PROBLEM(ID, text) [WT_PROBLEM_##ID] = text,
#include "wording/problems.def"
#undef WT_PROBLEM
};

const char *wt_problem_text(enum wt_problem_id id)
{
    const char *text = (unsigned)id < WT_PROBLEM_COUNT ? texts[id] : NULL;
    return text ? _(text) : _("unknown error");
}

static int keylog(const struct wt_problem *p, char *out, size_t size)
{
    size_t digits = (size_t)p->value[0];
    switch (p->id) {
    case WT_PROBLEM_KEYLOG_LONG:
        return snprintf(out, size, _("the line is longer than %u bytes"), (unsigned)p->value[0]);
    case WT_PROBLEM_KEYLOG_LABEL:
        return snprintf(out, size, _("unknown key log label %s"), p->detail);
    case WT_PROBLEM_KEYLOG_RANDOM:
        return snprintf(out, size, _("%s needs the 64 hexadecimal digits of the client random here, not %zu"), p->name,
                        digits);
    case WT_PROBLEM_KEYLOG_ENCRYPTED:
        return snprintf(out, size,
                        _("%s needs the first 16 hexadecimal digits of the encrypted premaster here, not %zu"), p->name,
                        digits);
    case WT_PROBLEM_KEYLOG_SESSION:
        return snprintf(out, size, _("a session ID has 2 to 64 hexadecimal digits, an even number, not %zu"), digits);
    case WT_PROBLEM_KEYLOG_ODD:
        return snprintf(out, size, _("the secret has an odd number of hexadecimal digits, %zu"), digits);
    case WT_PROBLEM_KEYLOG_LENGTH:
        return snprintf(out, size, _("%s needs a secret of %u hexadecimal digits, not %zu"), p->name,
                        (unsigned)p->value[1], digits);
    case WT_PROBLEM_KEYLOG_RANGE:
        return snprintf(out, size, _("%s needs a secret of %u to %u hexadecimal digits, not %zu"), p->name,
                        (unsigned)p->value[1], (unsigned)p->value[2], digits);
    default:
        return snprintf(out, size, "%s", wt_problem_text(p->id));
    }
}

size_t wt_problem_format(const struct wt_problem *p, char *out, size_t size)
{
    int n;
    switch (p->id) {
    case WT_PROBLEM_LIVE_NO_INTERFACE:
    case WT_PROBLEM_LIVE_PERMISSION:
    case WT_PROBLEM_LIVE_DOWN:
        n = snprintf(out, size, "%s: %s", p->name, wt_problem_text(p->id));
        break;
    case WT_PROBLEM_LIVE_OTHER:
        n = snprintf(out, size, "%s: %s", p->name, p->detail);
        break;
    case WT_PROBLEM_LIVE_FILTER:
        n = snprintf(out, size, _("filter \"%s\": %s"), p->name, p->detail);
        break;
    case WT_PROBLEM_LIVE_PRIVILEGES:
        n = snprintf(out, size, _("cannot drop privileges: %s: %s"), p->name, wt_error_reason((int)p->value[0]));
        break;
    case WT_PROBLEM_OPTIONS:
        n = snprintf(
            out, size,
            _("the options request a feature unknown to this libwiretale, or their size is not set (byte %" PRIu64 ")"),
            p->value[0]);
        break;
    default:
        n = keylog(p, out, size);
    }
    return n < 0 ? 0 : (size_t)n;
}
