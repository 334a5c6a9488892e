# SPDX-License-Identifier: GPL-2.0
kzt-proto-y := \
	proto/address.o \
	proto/credential.o \
	proto/identity.o \
	proto/lz4.o \
	proto/packet.o \
	proto/verb_config.o \
	proto/verb_creds.o \
	proto/verb_frame.o \
	proto/verb_hello.o \
	proto/verb_multicast.o \
	proto/verb_path.o \
	proto/verb_reply.o \
	proto/world.o

# What only the tools use: the module never reads a dictionary
kzt-agent-proto-y := \
	proto/dictionary.o \
	proto/netconf.o \
	proto/membership.o
