/* How the keys were made; how a record was protected. Only for who asked. */
#ifndef WT_TEXT_STEPS_H
#define WT_TEXT_STEPS_H

#include "report/text/text.h"

void wt_text_secrets(struct wt_text *x);
void wt_text_record(struct wt_text *x);

#endif
