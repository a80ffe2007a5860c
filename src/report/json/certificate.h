/* A certificate of the JSON contract. */
#ifndef WT_REPORT_JSON_CERTIFICATE_H
#define WT_REPORT_JSON_CERTIFICATE_H

#include "report/json/writer.h"
#include "wiretale/story.h"

void wt_json_certificate(struct wt_json *j, const struct wt_certificate_facts *f);
/* With what it is for; NULL: nothing is said of that. */
void wt_json_certificate_as(struct wt_json *j, const struct wt_certificate_facts *f, const char *role);

#endif
