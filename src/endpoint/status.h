/* What a server sends with its certificate: OCSP responses, signed certificate timestamps. */
#ifndef WT_ENDPOINT_STATUS_H
#define WT_ENDPOINT_STATUS_H

#include "endpoint/verify.h"

/* Client: the finding about the server's response, or about the lack of one, with its alert; NULL: all is well. */
const char *wt_status_judge(struct wt_endpoint *e, struct wt_judgement *judgement, uint8_t *alert);
/* Client: counts the timestamps of the server's certificate, and verifies them where their logs are known. False: the
 * connection has ended. */
bool wt_status_timestamps(struct wt_endpoint *e, struct wt_judgement *judgement);

#endif
