// SPDX-License-Identifier: GPL-2.0
/* Tokens and blocks of the rules language (spec 4.13.4). */
#include "rulec_tree.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Words that open a block; only in lower case */
static const char *const openers[] = {
	"macro", "tag", "cap", "drop", "accept", "tee", "watch", "redirect",
	"break", "priority",
};

/* Further words that mean something, besides the matches */
static const char *const words[] = {
	"include", "id", "default", "enum", "flag", "not", "or", "and", "ipv4",
	"arp", "wol", "rarp", "ipv6", "atalk", "aarp", "ipx_a", "ipx_b", "icmp",
	"icmp4", "icmpv4", "igmp", "ipip", "tcp", "egp", "igp", "udp", "rdp", "esp",
	"ah", "icmp6", "icmpv6", "l2tp", "sctp", "udplite", "inbound", "multicast",
	"broadcast", "ipauth", "macauth", "tcp_fin", "tcp_syn", "tcp_rst", "tcp_psh",
	"tcp_ack", "tcp_urg", "tcp_ece", "tcp_cwr", "tcp_ns", "tcp_rs2", "tcp_rs1",
	"tcp_rs0",
};

/**
 * struct lexer - where the tokens go
 * @open: the token whose block is being filled; NULL on the outermost level
 * @tail: where the next token of the level is hung up
 */
struct lexer {
	struct rulec *c;
	const char *p, *end;
	unsigned int line, column;
	struct rulec_node **stack, **tail;
	struct rulec_node ***tails;
	size_t depth;
	size_t used;		/* of c->text */
};

static bool in_list(const char *word, const char *const *list, size_t n)
{
	while (n--)
		if (!strcmp(word, list[n]))
			return true;
	return false;
}

#define IN_LIST(word, list) in_list(word, list, sizeof(list) / sizeof((list)[0]))

bool rulec_name_valid(const char *name)
{
	const unsigned char *p = (const unsigned char *)name;

	if (!*p || isdigit(*p))
		return false;
	for (; *p; p++)
		if (!isalnum(*p) && *p != '_' && *p < 0x80)
			return false;
	return !IN_LIST(name, openers) && !IN_LIST(name, words) &&
	       !rulec_is_match(name);
}

static bool is_space(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n';
}

/* Columns count characters, not the bytes that they are made of */
static void step(struct lexer *l)
{
	if (*l->p == '\n') {
		l->line++;
		l->column = 0;
	} else if (((unsigned char)*l->p & 0xc0) != 0x80) {
		l->column++;
	}
	l->p++;
}

static void skip_space(struct lexer *l)
{
	while (l->p < l->end) {
		if (*l->p == '#')
			while (l->p < l->end && *l->p != '\n')
				step(l);
		else if (is_space(*l->p))
			step(l);
		else
			break;
	}
}

static void block_open(struct lexer *l, struct rulec_node *node)
{
	l->stack[l->depth] = node;
	l->tails[l->depth++] = l->tail;
	l->tail = &node->first;
}

static void block_close(struct lexer *l)
{
	l->tail = l->tails[--l->depth];
}

/* A token as it stands in the text; the last one opens and closes nothing */
static void token(struct lexer *l, const char *start, size_t len,
		  unsigned int line, unsigned int column)
{
	bool semicolon = start[len - 1] == ';', last = l->p == l->end;
	struct rulec *c = l->c;
	struct rulec_node *node = NULL;
	bool opens = false;
	size_t i;

	len -= semicolon;
	if (len) {
		node = &c->nodes[c->n_nodes++];
		node->text = c->text + l->used;
		memcpy(node->text, start, len);
		node->text[len] = 0;
		l->used += len + 1;
		opens = IN_LIST(node->text, openers);
		for (i = 0; i < len; i++)
			if (node->text[i] >= 'A' && node->text[i] <= 'Z')
				node->text[i] = (char)(node->text[i] + 'a' - 'A');
		node->line = line;
		node->column = column;
		*l->tail = node;
		l->tail = &node->next;
	}
	if (last)
		return;
	if (semicolon && l->depth && l->stack[l->depth - 1]->first)
		block_close(l);
	else if (opens)
		block_open(l, node);
}

static void tokens(struct lexer *l)
{
	for (skip_space(l); l->p < l->end; skip_space(l)) {
		unsigned int line = l->line, column = l->column;
		const char *start = l->p;

		while (l->p < l->end && !is_space(*l->p))
			step(l);
		token(l, start, (size_t)(l->p - start), line, column);
	}
}

bool rulec_lex(struct rulec *c, const char *text, size_t len)
{
	size_t most = len / 2 + 2;	/* tokens, with white space between */
	struct lexer l = {
		.c = c, .p = text, .end = text + len, .line = 1, .tail = &c->top,
	};
	bool ok;

	c->text = malloc(len + most);
	c->nodes = calloc(most, sizeof(*c->nodes));
	l.stack = calloc(most, sizeof(*l.stack));
	l.tails = calloc(most, sizeof(*l.tails));
	ok = c->text && c->nodes && l.stack && l.tails;
	if (ok)
		tokens(&l);
	free(l.stack);
	free(l.tails);
	return ok;
}
