/* All of libwiretale.
 *
 * How its structs grow, so that a program runs with a later library than it was built with, and (where it asks for
 * nothing that is not there) with an earlier one:
 *
 *   - Handles (struct wt_observer, wt_capture, wt_keys, wt_trust, wt_filter, …) are opaque: only the library knows them.
 *   - Options that a program fills in (wt_observer_options, wt_text_options, wt_json_options, wt_live_options,
 *     wt_endpoint_options, wt_compare_overview) begin with `size`, their sizeof as the program knows it, and new ones are added at the end.
 *     Zero is every option's default. What an older program's struct lacks is zero; what a newer program's sets beyond
 *     what the library knows is refused with an error, never ignored.
 *   - The story (wt_connection and all that hangs on it, wt_compared, wt_plaintext, wt_quic_packet_told, wt_field,
 *     wt_keys_fault) is made by the
 *     library alone and handed out by pointer: it grows at the end. Programs read it in place. Elements of its arrays are
 *     asked for one by one (wt_connection_message() and its kin), since an array's stride grows with them. Accessors for
 *     every member would be two hundred functions, and opaque stories no easier to keep compatible.
 *   - Small values that cross in both directions, or are filled in on the caller's stack (wt_span, wt_time, wt_address,
 *     wt_error, wt_packet, wt_stream_place, wt_message_piece, wt_quic_range, wt_step_part, wt_shape, wt_output, wt_summary, wt_undecoded,
 *     wt_live_counters, wt_keys_count, wt_filter_error, wt_capture_secrets, wt_rebuilt) never change; what more there is
 *     to say one day gets functions of its own. */
#ifndef WIRETALE_WIRETALE_H
#define WIRETALE_WIRETALE_H

#include "wiretale/capture.h"
#include "wiretale/compare.h"
#include "wiretale/dialogue.h"
#include "wiretale/dtls.h"
#include "wiretale/endpoint.h"
#include "wiretale/error.h"
#include "wiretale/fields.h"
#include "wiretale/filter.h"
#include "wiretale/issue.h"
#include "wiretale/keys.h"
#include "wiretale/language.h"
#include "wiretale/layer.h"
#include "wiretale/live.h"
#include "wiretale/observer.h"
#include "wiretale/page.h"
#include "wiretale/quic.h"
#include "wiretale/quic_packet.h"
#include "wiretale/redact.h"
#include "wiretale/registry.h"
#include "wiretale/report.h"
#include "wiretale/span.h"
#include "wiretale/steps.h"
#include "wiretale/story.h"
#include "wiretale/trust.h"
#include "wiretale/watch.h"
#include "wiretale/write.h"

#endif
