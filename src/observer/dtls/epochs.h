/* Keys of DTLS by epoch and direction, and the numbers of records. */
#ifndef WT_OBSERVER_DTLS_EPOCHS_H
#define WT_OBSERVER_DTLS_EPOCHS_H

#include "observer/dtls/state.h"

enum wt_dtls_opening {
    WT_DTLS_CLEAR,  /* epoch 0: nothing protects it; or a suite that does not encrypt */
    WT_DTLS_OPENED, /* r->text, r->type, r->epoch and r->sequence are set */
    WT_DTLS_FAILED, /* the epoch's keys do not open it */
    WT_DTLS_CLOSED, /* there are none */
    WT_DTLS_LATER,  /* there may be, once more has been told */
};

/* Opens the record. What comes out holds until the next one. */
enum wt_dtls_opening wt_dtls_epochs_open(struct wt_dtls_reading *r);
/* Notes the number of the record: true when one with that number was seen. RFC 6347, 3.3: "records that have previously
 * been received are silently discarded". */
bool wt_dtls_epochs_seen(struct wt_dtls_reading *r);
void wt_dtls_epochs_free(struct wt_dtls_way *way);

#endif
