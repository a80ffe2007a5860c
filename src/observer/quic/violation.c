#include "observer/quic/violation.h"

#include "observer/quic/connection.h"

void wt_quic_violation_note(struct wt_quic *q, unsigned from, uint64_t code, uint64_t frame_type, const char *rule)
{
    struct wt_quic_violation *v = &q->violation;
    if (!v->count)
        *v = (struct wt_quic_violation){
            .code = code, .frame_type = frame_type, .rule = rule, .frame = q->o->frame, .from = (uint8_t)from};
    v->count += v->count < UINT32_MAX;
}
