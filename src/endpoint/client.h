/* The client. */
#ifndef WT_ENDPOINT_CLIENT_H
#define WT_ENDPOINT_CLIENT_H

#include "endpoint/engine.h"

bool wt_client_check(struct wt_endpoint *e, const struct wt_received *m);
bool wt_client_answer(struct wt_endpoint *e, const struct wt_received *m);
bool wt_client12_check(struct wt_endpoint *e, const struct wt_received *m);
bool wt_client12_answer(struct wt_endpoint *e, const struct wt_received *m);
bool wt_client13_check(struct wt_endpoint *e, const struct wt_received *m);
bool wt_client13_answer(struct wt_endpoint *e, const struct wt_received *m);
/* The client's first message. */
bool wt_client_hello(struct wt_endpoint *e);
bool wt_client_check_alpn(struct wt_endpoint *e);
/* The server's Certificate. */
bool wt_client_check_certificate(struct wt_endpoint *e, const struct wt_certificate *m);
/* A step: which of its certificates answers the server's request, if one does: x->identity, x->scheme. */
bool wt_client_choose_identity(struct wt_endpoint *e);

#endif
