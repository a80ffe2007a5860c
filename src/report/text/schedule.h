/* What precedes the steps of a key derivation. */
#ifndef WT_TEXT_SCHEDULE_H
#define WT_TEXT_SCHEDULE_H

#include "report/text/text.h"

/* The tree of RFC 8446, 7.1. */
void wt_text_schedule(struct wt_text *x);
/* Which secrets a key log that decrypts the connection does not give; nothing when it, or other keys, give all. */
void wt_text_not_shown(struct wt_text *x);

#endif
