/* What a person calls things. */
#ifndef WT_TEXT_NAMES_H
#define WT_TEXT_NAMES_H

#include "codec/codec.h"
#include "report/text/rows.h"
#include "report/text/text.h"

/* Bytes from the wire made safe, in one of eight rooms used in turn: good for the arguments of one sentence. */
const char *wt_text_wire(struct wt_text *x, struct wt_span wire, unsigned columns);
/* The same for strings that the observer made printable: their backslashes stand. */
const char *wt_text_string(struct wt_text *x, const char *string, unsigned columns);

/* Names of code points, with their number when they have none; in the same rooms. */
const char *wt_text_name(struct wt_text *x, enum wt_registry registry, uint64_t value);
const char *wt_text_version(struct wt_text *x, uint16_t version);
/* "ECDHE_RSA with AES_128_GCM_SHA256" */
const char *wt_text_suite(struct wt_text *x, uint16_t suite);
/* What a person calls a message: "ClientHello", "CLIENT-MASTER-KEY", "ChangeCipherSpec", "Alert". */
const char *wt_text_message(struct wt_text *x, const struct wt_message *m);
const char *wt_text_row(struct wt_text *x, const struct wt_row *row); /* the same of a row */
const char *wt_text_side(unsigned from); /* "client", "server" */
/* "192.0.2.1:443", "[2001:db8::1]:443" */
const char *wt_text_address(struct wt_text *x, const struct wt_address *address);
/* "2018-08-17" */
const char *wt_text_date(struct wt_text *x, int64_t seconds);
const char *wt_text_layer(unsigned layer); /* enum wt_layer */

struct wt_codec_context wt_text_context(const struct wt_message *m);
/* Which row of the extension grid a message's extensions belong to. */
enum wt_ext_where wt_text_where(const struct wt_message *m);

#endif
