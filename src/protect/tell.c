#include "protect/format.h"
void wt_tell_aead12(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps)
{
    (void)p;
    (void)notes;
    (void)steps;
}
void wt_tell_aead13(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps)
{
    (void)p;
    (void)notes;
    (void)steps;
}
void wt_tell_integrity(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps)
{
    (void)p;
    (void)notes;
    (void)steps;
}
void wt_tell_block(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps)
{
    (void)p;
    (void)notes;
    (void)steps;
}
void wt_tell_stream(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps)
{
    (void)p;
    (void)notes;
    (void)steps;
}
