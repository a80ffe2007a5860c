/* What came in datagrams: packets of QUIC, records of DTLS. */
#ifndef WT_REPORT_PAGE_DATAGRAMS_H
#define WT_REPORT_PAGE_DATAGRAMS_H

#include "report/page/page.h"

/* The member "datagrams", of those whose bytes were kept: [place in the connection's list, number of the value with
 * what it is, packet, number or null, offset in the datagram, bytes as it was sent, number of the value with its bytes,
 * where bytes are left out offset and length of each place, and of QUIC the number of the line that the text's ladder
 * has beside it]; the last two where there are any. */
void wt_page_datagrams(struct wt_page *p, struct wt_json *j, struct wt_text *x);

#endif
