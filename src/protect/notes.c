#include "protect/notes.h"

#include "base/memory.h"
#include "crypto/library.h"

#include <stdlib.h>

static void forget(struct wt_span *note)
{
    if (note->p) {
        wt_wipe((void *)(uintptr_t)note->p, note->n);
        free((void *)(uintptr_t)note->p);
    }
    *note = (struct wt_span){0};
}

void wt_notes_take(struct wt_notes *notes, enum wt_note what, const void *p, size_t n)
{
    uint8_t *copy = wt_malloc(n ? n : 1);
    if (copy && n > 0)
        memcpy(copy, p, n);
    forget(&notes->at[what]);
    if (copy)
        notes->at[what] = wt_span_of(copy, n);
}

void wt_notes_clear(struct wt_notes *notes)
{
    for (size_t i = 0; i < WT_NOTE_COUNT; i++)
        forget(&notes->at[i]);
}
