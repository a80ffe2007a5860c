/* The sentences for steps of the key derivation and of record protection. */
#include "base/i18n.h"
#include "wiretale/report.h"

#include <string.h>

const char *wt_step_text(const struct wt_step *step)
{
    static const struct {
        const char *why, *text;
    } rows[] = {
#define WT_STEP(why, text) {why, text},
#include "report/steps.def"
#undef WT_STEP
#define WT_OPENING(ID, id, text) {id, text},
#include "wording/openings.def"
#undef WT_OPENING
    };
    const char *why = step->why ? step->why : step->id;
    for (size_t i = 0; why && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].why, why) == 0)
            return rows[i].text;
    return NULL;
}
