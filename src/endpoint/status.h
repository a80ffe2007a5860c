/* Stapled OCSP responses. */
#ifndef WT_ENDPOINT_STATUS_H
#define WT_ENDPOINT_STATUS_H

#include "endpoint/verify.h"

/* Client: the finding about the server's response, or about the lack of one, with its alert; NULL: all is well. */
const char *wt_status_judge(struct wt_endpoint *e, struct wt_judgement *judgement, uint8_t *alert);

#endif
