// ReceiveQueue: the datagrams that wait to be read, and the memory they are
// charged for: sk_receive_queue and reader_queue of Linux
// (__udp_enqueue_schedule_skb(), __skb_recv_udp() of net/ipv4/udp.c). The
// datagram at which a full buffer drops is Linux's.
#ifndef SIM_UDP_RECEIVE_QUEUE_H_
#define SIM_UDP_RECEIVE_QUEUE_H_

#include <cstddef>
#include <cstdint>

#include "loop/instant.h"
#include "sim/ring.h"
#include "sim/udp/datagram.h"

namespace simloop::sim::udp {

class ReceiveQueue final {
 public:
  // Two lines of the cache: of many sockets none has its end there when the
  // next comes.
  struct alignas(64) Entry {
    Entry(const Datagram& datagram, loop::Instant at, uint32_t drops)
        : datagram(datagram), drops(drops), at(at) {}

    [[no_unique_address]] Datagram datagram;
    bool peeked = false;
    uint32_t drops;    // that came before it: SO_RXQ_OVFL
    loop::Instant at;  // of its arrival

    // Bytes of memory.
    uint32_t charged() const {
      return Charge(datagram.payload.size(), !datagram.to.ip.is_v4());
    }
  };

  // Takes the datagram, unless `limit` (SO_RCVBUF) has no room for it: false,
  // and one more drop. One is taken by an empty queue however large it is.
  bool Add(const Datagram& datagram, loop::Instant at, int limit);
  bool empty() const { return queue_.empty(); }
  // The length of the first: FIONREAD of udp(7); 0 where there is none.
  size_t FirstBytes();
  // The first; null if there is none.
  Entry* First();
  // The one that `offset` bytes of MSG_PEEK lead to, and what is left of the
  // offset within it (SO_PEEK_OFF of socket(7)).
  Entry* Peek(int* offset);
  // Drops the first. What it was charged is given back at once only if a
  // quarter of `limit` is due or the reader has no more at hand
  // (udp_rmem_release()). REQUIRES: not empty.
  void Pop(int limit);

  // What a datagram of `bytes` is charged: struct sk_buff and its data
  // (skb->truesize).
  static uint32_t Charge(size_t bytes, bool inet6);

 private:
  // The reader takes over all that has come.
  void Splice() {
    if (at_hand_ == 0) at_hand_ = queue_.size();
  }

  Ring<Entry> queue_;
  size_t at_hand_ = 0;  // of the queue, that the reader has taken over
  uint32_t memory_bytes_ = 0;
  uint32_t due_bytes_ = 0;  // read, and not yet given back
  uint32_t drops_ = 0;
};

}  // namespace simloop::sim::udp

#endif  // SIM_UDP_RECEIVE_QUEUE_H_
