/* QUIC's frames as qlog has them. Inside of src/report/json. */
#ifndef WT_REPORT_JSON_QLOG_FRAME_H
#define WT_REPORT_JSON_QLOG_FRAME_H

#include "report/json/json.h"
#include "wiretale/quic_packet.h"

void wt_qlog_frame(struct wt_json *j, const struct wt_quic_frame_told *f);
/* A CONNECTION_CLOSE's code: its name, or a number. */
void wt_qlog_frame_code(struct wt_json *j, const struct wt_quic_frame_told *f);
void wt_qlog_frame_token(struct wt_json *j, struct wt_span token);

#endif
