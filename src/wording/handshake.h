/* What a handshake's rules and order found: whole sentences, translated. */
#ifndef WT_WORDING_HANDSHAKE_H
#define WT_WORDING_HANDSHAKE_H

#include "handshake/rules.h"

/* A rule that a message, or a record of that content type, breaks. */
void wt_wording_breach(const struct wt_breach *breach, const char *message, char *out, size_t size);

enum wt_skipped { WT_SKIPPED_BY_CLIENT, WT_SKIPPED_BY_SERVER, WT_SKIPPED_RESUMED };
/* A message that came without those that must come before it. */
void wt_wording_skipped(enum wt_skipped how, const char *message, const char *missing, const char *rfc, char *out,
                        size_t size);

/* A message that came where others are expected of that side: "certificate, server_key_exchange", or "" for none. */
void wt_wording_unexpected(bool from_client, const char *message, const char *expected, const char *rfc, char *out,
                           size_t size);

/* A message of the flow table as the registries call it; never NULL. */
const char *wt_wording_message(unsigned message);

#endif
