/* Certificates as JSON, kept for the next connection that shows them: a server shows the same ones again and again. */
#ifndef WT_REPORT_JSON_CACHE_H
#define WT_REPORT_JSON_CACHE_H

#include "base/span.h"
#include "report/json/memo.h"
#include "report/json/pattern.h"
#include "wiretale/report.h"

/* The certificate's object. It is valid until the next call for the same cache. Empty when it is not kept: without a
 * digest to know it by, over WT_LIMIT_JSON_CACHE_OBJECT, or without memory. */
struct wt_span wt_json_cache_certificate(struct wt_json_cache *cache, const struct wt_certificate_facts *f);
/* What is kept of messages, and of short runs of members. NULL without memory. */
struct wt_json_patterns *wt_json_cache_patterns(struct wt_json_cache *cache);
struct wt_json_memo *wt_json_cache_memo(struct wt_json_cache *cache);

#endif
