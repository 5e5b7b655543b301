package dev.caravan.sink.bigquery;

import com.google.api.client.http.HttpExecuteInterceptor;
import com.google.api.client.http.HttpRequestInitializer;
import com.google.cloud.ServiceOptions;
import com.google.cloud.http.HttpTransportOptions;

/** Sends requests as they are. Google's client compresses their bodies, which its servers take and others need not. */
final class PlainTransport extends HttpTransportOptions {
    private static final long serialVersionUID = 1;

    PlainTransport(HttpTransportOptions.Builder options) {
        super(options);
    }

    @Override
    public HttpRequestInitializer getHttpRequestInitializer(ServiceOptions<?, ?> options) {
        HttpRequestInitializer usual = super.getHttpRequestInitializer(options);
        return request -> {
            usual.initialize(request);
            HttpExecuteInterceptor before = request.getInterceptor();
            // The client asks for the compression behind this, so it is taken back when the request is sent.
            request.setInterceptor(sent -> {
                if (before != null) {
                    before.intercept(sent);
                }
                sent.setEncoding(null);
            });
        };
    }
}
