/* Beside a row. */
#ifndef WT_TEXT_REMARK_H
#define WT_TEXT_REMARK_H

#include "codec/codec.h"
#include "report/text/rows.h"
#include "report/text/text.h"

/* The short remark beside a message's row; NULL when there is nothing to add. */
const char *wt_text_remark(struct wt_text *x, const struct wt_row *row);
/* The same, where a handshake message was decoded before. */
const char *wt_text_remark_of(struct wt_text *x, const struct wt_row *row, const struct wt_message_body *body);

#endif
