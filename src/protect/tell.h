/* A record's protection as steps, outwards from the plaintext. */
#ifndef WT_PROTECT_TELL_H
#define WT_PROTECT_TELL_H

#include "protect/format.h"

void wt_tell_aead12(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps);
void wt_tell_aead13(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps);
void wt_tell_integrity(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps);
void wt_tell_block(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps);
void wt_tell_stream(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps);

#endif
