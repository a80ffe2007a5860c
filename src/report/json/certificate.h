/* A certificate of the JSON contract. */
#ifndef WT_REPORT_JSON_CERTIFICATE_H
#define WT_REPORT_JSON_CERTIFICATE_H

#include "report/json/writer.h"
#include "wiretale/story.h"

void wt_json_certificate(struct wt_json *j, const struct wt_certificate_facts *f);

#endif
