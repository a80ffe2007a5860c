/* Which findings are concluded when a connection is over. */
#ifndef WT_TEST_CONCLUSIONS_H
#define WT_TEST_CONCLUSIONS_H

#include "base/i18n.h"
#include "wiretale/story.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* What is concluded when a connection is over: for the tests that are about that. */
static inline bool is_conclusion(const char *id)
{
    static const char *const ids[] = {
#define WT_FINDING(id_, name_, severity_, text_, advice_, anchor_) name_,
#include "diagnosis/causes.def"
#include "diagnosis/judgements.def"
#include "diagnosis/observations.def"
#undef WT_FINDING
    };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (strcmp(ids[i], id) == 0)
            return true;
    return false;
}

#endif
