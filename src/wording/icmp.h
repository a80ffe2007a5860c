/* What an ICMP error says. */
#ifndef WT_WORDING_ICMP_H
#define WT_WORDING_ICMP_H

#include "capture/packet.h"
#include "wiretale/story.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A clause, to follow a colon or stand in brackets; translated. */
const char *wt_wording_icmp(uint8_t type, uint8_t code, bool v6);
/* Who reported what with ICMP in packet `frame`: a sentence, with a blank before it; translated. At most `room` bytes
 * with the NUL, of which WT_WORDING_ICMP are enough. */
enum { WT_WORDING_ICMP = 320 };
void wt_wording_icmp_report(const struct wt_icmp_error *error, uint32_t frame, char *out, size_t room);

#endif
