// json_simdjson FILE: what bench_json does, by simdjson's on-demand reader, which
// looks at three strings of each log and decodes none.
#include <cstdio>
#include <ctime>
#include <simdjson.h>

using namespace simdjson;

static size_t read(ondemand::parser &parser, const padded_string &text)
{
	ondemand::document doc = parser.iterate(text);
	size_t logs = 0;

	for (ondemand::object log : doc["result"].get_array()) {
		logs += log["address"].get_string().value().size() > 0;
		for (auto topic : log["topics"].get_array())
			(void)topic.get_string().value();
		(void)log["data"].get_string().value();
	}
	return logs;
}

int main(int argc, char **argv)
{
	const padded_string text = padded_string::load(argc > 1 ? argv[1] : "");
	ondemand::parser parser;
	size_t logs = 0, times = 0;
	double seconds;
	const std::clock_t began = std::clock();

	do {
		logs = read(parser, text);
		times++;
		seconds = double(std::clock() - began) / CLOCKS_PER_SEC;
	} while (seconds < 2);
	std::printf("simdjson\t%.0f\t%.0f\n", times * text.size() / 1e6 / seconds, times * logs / seconds);
}
