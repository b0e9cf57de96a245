#ifndef SERVER_LOG_LEVEL_PAGE_H_
#define SERVER_LOG_LEVEL_PAGE_H_

namespace httplib {
class Server;
}

namespace signal_delivery::server {

// `GET /logging` answers with the log's level, `POST /logging?level=debug` sets
// it until the process ends; 400 where there is no such level.
void AddLogLevelPage(httplib::Server& http);

}  // namespace signal_delivery::server

#endif  // SERVER_LOG_LEVEL_PAGE_H_
